/** Pages of a room's history, in both directions. */
import type { HistoryPage } from '../../api/contract';
import { codeOf } from '../../api/problem';
import { history as fetchHistory, type Where } from '../../api/room';
import { createSignal, type Signal, type Subscribe } from '../../lib/signal';
import { seqOf } from '../../model/timeline/message';
import { append, findMessage, fromPage, prepend, type Timeline } from '../../model/timeline/timeline';
import type { Directory } from '../store/directory';
import type { Loading } from '../store/state';
import type { ChatStore } from '../store/store';
import type { Feeds } from './feeds';

export type History = {
  readonly loadNewest: (roomId: string) => Promise<void>;
  /** Loads the newest page where there are newer messages than those that are loaded. */
  readonly loadEnd: (roomId: string) => Promise<void>;
  readonly loadBefore: (roomId: string) => Promise<void>;
  readonly loadAfter: (roomId: string) => Promise<void>;
  /** The page around a place in the room. */
  readonly loadAt: (roomId: string, seq: number) => Promise<void>;
  /** Loads a message if necessary; returns whether it is loaded. */
  readonly loadAround: (roomId: string, messageId: string) => Promise<boolean>;
  readonly isLoading: (roomId: string) => boolean;
  readonly isBusy: () => boolean;
  /** A page was read, or could not be. */
  readonly onSettled: Subscribe;
};

/** A page, and what becomes of the timeline when it is here. */
type Wanted = {
  readonly what: Loading;
  readonly where: Where;
  readonly join: (known: Timeline | undefined, page: HistoryPage) => Timeline;
};

type Deps = {
  store: ChatStore;
  feeds: Pick<Feeds, 'pageRead'>;
  directory: Pick<Directory, 'learnPage'>;
};

type Own = Deps & {
  /** Of each room the page that is being fetched or waits for that: the last one asked for. */
  readonly loads: Map<string, { key: string; done: Promise<void> }>;
  readonly settled: Signal;
};

export function createHistory(deps: Deps): History {
  const own: Own = { ...deps, loads: new Map(), settled: createSignal() };
  const loadAt = (roomId: string, seq: number) =>
    load(own, roomId, { what: 'first', where: { aroundSeq: Math.max(1, seq) }, join: (_, page) => fromPage(page) });
  const loadNewest = (roomId: string) =>
    load(own, roomId, { what: 'first', where: {}, join: (_, page) => fromPage(page) });
  return {
    loadNewest,
    loadEnd: async (roomId) => {
      if (own.store.get().timelines[roomId]?.hasAfter) await loadNewest(roomId);
    },
    loadBefore: async (roomId) => {
      const timeline = own.store.get().timelines[roomId];
      const first = timeline?.messages[0];
      if (!timeline?.hasBefore || !first) return;
      const join: Wanted['join'] = (known, page) => (known ? prepend(known, page) : fromPage(page));
      await load(own, roomId, { what: 'before', where: { beforeSeq: first.seq }, join });
    },
    loadAfter: async (roomId) => {
      const timeline = own.store.get().timelines[roomId];
      const last = timeline?.messages.at(-1);
      if (!timeline?.hasAfter || !last) return;
      const join: Wanted['join'] = (known, page) => (known ? append(known, page) : fromPage(page));
      await load(own, roomId, { what: 'after', where: { afterSeq: last.seq }, join });
    },
    loadAt,
    loadAround: async (roomId, messageId) => {
      const loaded = () => findMessage(own.store.get().timelines[roomId], messageId) !== undefined;
      const seq = seqOf(messageId);
      if (loaded()) return true;
      if (!Number.isFinite(seq)) return false;
      await loadAt(roomId, seq);
      return loaded();
    },
    isLoading: (roomId) => own.loads.has(roomId),
    isBusy: () => own.loads.size > 0,
    onSettled: own.settled.on,
  };
}

/**
 * One page at a time for a room. A page that would add to what is loaded is left out while another
 * comes, since it may not fit to it; one that takes its place (`first`) comes after the other.
 */
function load(own: Own, roomId: string, wanted: Wanted): Promise<void> {
  const { loads } = own;
  const key = JSON.stringify(wanted.where);
  const last = loads.get(roomId);
  if (last && (wanted.what !== 'first' || last.key === key)) return last.done;
  const next = async () => {
    await last?.done;
    await fetchPage(own, roomId, wanted);
    if (loads.get(roomId)?.done === done) loads.delete(roomId);
    own.settled.emit();
  };
  const done = next();
  loads.set(roomId, { key, done });
  return done;
}

async function fetchPage(
  { store, feeds, directory }: Own,
  roomId: string,
  { what, where, join }: Wanted,
): Promise<void> {
  const setLoading = (now: Loading | undefined) =>
    store.update((state) => ({ loading: { ...state.loading, [roomId]: now } }));
  setLoading(what);
  try {
    const page = await fetchHistory(roomId, where);
    directory.learnPage(page);
    store.update((state) => ({
      timelines: { ...state.timelines, [roomId]: join(state.timelines[roomId], page) },
      failures: { ...state.failures, [roomId]: undefined },
    }));
    // A page from before the cursor lacks what came between: that is synced.
    feeds.pageRead(roomId, page.head);
  } catch (error) {
    const code = codeOf(error);
    store.update((state) => ({ failures: { ...state.failures, [roomId]: code } }));
  } finally {
    setLoading(undefined);
  }
}
