/** Fetches missing changes: by a sync after the cursor, or by reloading a room that is too far behind. */
import type { SyncAnswer } from '../../api/contract';
import { codeOf, NoAnswer } from '../../api/problem';
import { createSignal, type Signal, type Subscribe } from '../../lib/signal';
import type { Session } from '../session/session';
import { type ChatSocket, request } from '../socket';
import type { ChatStore } from '../store/store';
import type { Feeds } from './feeds';
import { isGone, type Rooms } from './rooms';

const ROOMS_PER_SYNC_MAX = 500;
/** Rooms that need a sync at the same moment share one command. */
const GATHER_MS = 5;

export type Gaps = {
  /** A sync or a reload has ended, whether or not all is here. */
  readonly onSettled: Subscribe;
};

type Deps = {
  store: ChatStore;
  socket: ChatSocket;
  session: Pick<Session, 'whileConnected'>;
  feeds: Feeds;
  rooms: Pick<Rooms, 'forget' | 'readAnew'>;
};

type Own = Deps & { readonly settled: Signal };

export function createGaps(deps: Deps): Gaps {
  const own: Own = { ...deps, settled: createSignal() };
  let wanted = new Set<string>();
  const syncWanted = () => {
    const ids = [...wanted];
    wanted = new Set();
    void sync(own, ids);
  };
  deps.feeds.onGap((roomId) => {
    wanted.add(roomId);
    if (wanted.size === 1) setTimeout(syncWanted, GATHER_MS);
  });
  deps.feeds.onReload((roomId) => void reload(own, roomId));
  deps.socket.on('disconnect', deps.feeds.failSyncs);
  return { onSettled: own.settled.on };
}

async function sync(own: Own, ids: readonly string[]): Promise<void> {
  const parts: string[][] = [];
  for (let from = 0; from < ids.length; from += ROOMS_PER_SYNC_MAX)
    parts.push(ids.slice(from, from + ROOMS_PER_SYNC_MAX));
  await Promise.all(parts.map((part) => syncPart(own, part)));
  own.settled.emit();
}

/** A gap is retried until it is filled: a quiet room would otherwise keep it until the next message. */
async function syncPart(own: Own, ids: readonly string[]): Promise<void> {
  const { store, socket, session, feeds } = own;
  let left = ids;
  await session.whileConnected(async () => {
    const cursors = left.flatMap((id) => {
      const cursor = feeds.cursor(id);
      return cursor === undefined ? [] : [[id, cursor] as const];
    });
    const { epoch } = store.get();
    const answer = await request(socket, 'sync', {
      rooms: Object.fromEntries(cursors),
      ...(epoch === undefined ? {} : { epoch }),
    });
    left = Object.entries(answer.rooms).flatMap(([id, page]) => (take(own, id, page) ? [] : [id]));
    if (left.length > 0) throw new NoAnswer();
  });
  if (!socket.connected) feeds.failSyncs();
}

/** Returns whether the room is up to date. */
function take({ feeds, rooms }: Own, roomId: string, page: SyncAnswer): boolean {
  if (!feeds.has(roomId)) return true;
  if ('error' in page) {
    const gone = page.error.code === 'notMember' || page.error.code === 'notFound';
    if (gone) rooms.forget(roomId);
    return gone;
  }
  feeds.synced(roomId, page);
  return true;
}

/** The old state of the room stays on screen until the new one is loaded; events wait for that. */
async function reload({ session, feeds, rooms, settled }: Own, roomId: string): Promise<void> {
  await session.whileConnected(async () => {
    try {
      feeds.reloaded(roomId, await rooms.readAnew(roomId));
    } catch (error) {
      if (!isGone(codeOf(error))) throw error;
      rooms.forget(roomId);
    }
  });
  settled.emit();
}
