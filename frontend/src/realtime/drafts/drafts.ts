/**
 * Drafts: on screen in the same frame, on the disk and in the other tabs a moment later. The server sends the drafts of
 * other devices.
 */
import type { DraftChangedEvent, Room } from '../../api/contract';
import { createSignal, type Signal, type Subscribe } from '../../lib/signal';
import { type Draft, isNothing, NO_DRAFT, received, synced, type Words } from '../../model/draft';
import type { Tabs } from '../session/tabs';
import type { ChatSocket } from '../socket';
import type { Storage } from '../store/storage';
import type { ChatStore } from '../store/store';

const SAVE_PAUSE_MS = 300;
/** A server writes drafts every second; until then the answers of others lack them. */
const SETTLE_MS = 5000;

export type Drafts = {
  readonly get: (roomId: string) => Draft;
  readonly change: (roomId: string, change: Partial<Draft>) => void;
  readonly onChanged: Subscribe;
  /** To the disk and to the other tabs, without the pause. */
  readonly saveNow: () => void;
  /** Counts updates of drafts from the server: an answer to a request made at a lower number is outdated. */
  readonly revision: () => number;
  /** A request for this room's draft is sent: answers to earlier ones are outdated. */
  readonly outdate: (roomId: string) => void;
  /** The server has this text. */
  readonly taken: (roomId: string, words: Words) => void;
  /** Drafts in rooms that were requested at this revision. */
  readonly receiveFromRooms: (rooms: readonly Room[], revision: number) => void;
  /** Drafts on this device. Until they are read, drafts of the server are not merged. */
  readonly restore: (kept: Readonly<Record<string, Draft>>) => void;
  readonly stop: () => void;
};

type Deps = {
  store: ChatStore;
  storage: Pick<Storage, 'saveDraft'>;
  tabs: Pick<Tabs, 'post' | 'onMessage'>;
  socket: ChatSocket;
};

type Own = Deps & {
  readonly changed: Signal;
  /** Rooms whose draft is not on the disk yet. */
  readonly unsaved: Set<string>;
  revision: number;
  /** The revision of the last update of a room's draft. */
  readonly revisions: Map<string, number>;
  /** Rooms whose draft the server has taken a moment ago. */
  readonly settling: Map<string, ReturnType<typeof setTimeout>>;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Drafts of the server that arrived before those on this device were read. */
  waiting: (() => void)[] | undefined;
};

export function createDrafts(deps: Deps): Drafts {
  const own: Own = {
    ...deps,
    changed: createSignal(),
    unsaved: new Set(),
    revision: 0,
    revisions: new Map(),
    settling: new Map(),
    timer: undefined,
    waiting: [],
  };
  const saveNow = () => saveAll(own);
  listen(own);
  window.addEventListener('pagehide', saveNow);
  return {
    get: (roomId) => get(own, roomId),
    change: (roomId, change) => {
      put(own, roomId, { ...get(own, roomId), ...change });
      own.unsaved.add(roomId);
      own.timer ??= setTimeout(saveNow, SAVE_PAUSE_MS);
      own.changed.emit();
    },
    onChanged: own.changed.on,
    saveNow,
    revision: () => own.revision,
    outdate: (roomId) => outdate(own, roomId),
    taken: (roomId, words) => {
      outdate(own, roomId);
      settle(own, roomId);
      learn(own, roomId, (draft) => synced(draft, words));
    },
    receiveFromRooms: (rooms, revision) =>
      whenRestored(own, () => {
        for (const room of rooms) {
          const isOld = own.settling.has(room.id) || (own.revisions.get(room.id) ?? 0) > revision;
          if (room.myRole !== undefined && !isOld) learn(own, room.id, (draft) => received(draft, room.draft));
        }
      }),
    restore: (kept) => {
      own.store.update((state) => ({ drafts: { ...kept, ...state.drafts } }));
      const waiting = own.waiting ?? [];
      own.waiting = undefined;
      for (const work of waiting) work();
      // The session may have been confirmed before, and nothing was there to be sent then.
      own.changed.emit();
    },
    stop: () => {
      window.removeEventListener('pagehide', saveNow);
      for (const timer of own.settling.values()) clearTimeout(timer);
      saveNow();
    },
  };
}

function listen(own: Own): void {
  const { store, tabs, socket, unsaved } = own;
  socket.on('draftChanged', (event: DraftChangedEvent) => {
    outdate(own, event.roomId);
    whenRestored(own, () => learn(own, event.roomId, (draft) => received(draft, event.draft)));
  });
  tabs.onMessage((message) => {
    // The text being written here takes precedence.
    if (message.what !== 'draft' || unsaved.has(message.roomId)) return;
    store.update((state) => {
      const { [message.roomId]: _, ...rest } = state.drafts;
      return { drafts: message.draft ? { ...rest, [message.roomId]: message.draft } : rest };
    });
  });
}

function whenRestored(own: Own, work: () => void): void {
  if (own.waiting) own.waiting.push(work);
  else work();
}

function get({ store }: Own, roomId: string): Draft {
  return store.get().drafts[roomId] ?? NO_DRAFT;
}

function put({ store }: Own, roomId: string, next: Draft): void {
  store.update((state) => {
    const { [roomId]: _, ...rest } = state.drafts;
    // Spaces are no draft, but whoever writes them sees them.
    return { drafts: isNothing(next) && next.text === '' ? rest : { ...rest, [roomId]: next } };
  });
}

function outdate(own: Own, roomId: string): void {
  own.revision += 1;
  own.revisions.set(roomId, own.revision);
}

/** What is asked for meanwhile may be answered by a server that does not have it yet. */
function settle(own: Own, roomId: string): void {
  clearTimeout(own.settling.get(roomId));
  const settled = () => {
    own.settling.delete(roomId);
    outdate(own, roomId);
  };
  own.settling.set(roomId, setTimeout(settled, SETTLE_MS));
}

/** Other tabs learn of it from the server themselves, so what they write meanwhile is not undone by this one. */
function learn(own: Own, roomId: string, change: (draft: Draft) => Draft): void {
  const now = get(own, roomId);
  const next = change(now);
  if (next === now) return;
  put(own, roomId, next);
  save(own, roomId);
}

function save(own: Own, roomId: string): Draft | undefined {
  const now = get(own, roomId);
  const draft = isNothing(now) ? undefined : now;
  own.storage.saveDraft(roomId, draft);
  return draft;
}

function saveAll(own: Own): void {
  clearTimeout(own.timer);
  own.timer = undefined;
  for (const roomId of own.unsaved) own.tabs.post({ what: 'draft', roomId, draft: save(own, roomId) });
  own.unsaved.clear();
}
