/**
 * The last state of rooms on this device, so that a reload shows them before the server has answered, or offline. A
 * room's cursor begins where it was cached: later changes are fetched like any gap.
 */
import type { Timeline } from '../../model/timeline/timeline';
import { withUsers } from '../store/state';
import type { ChatStore } from '../store/store';
import type { Feeds } from '../sync/feeds';
import { cacheDatabase, recordsOf } from './database';
import { nothingSaved, writeCache } from './write';

const SAVE_PAUSE_MS = 500;

type RoomCache = {
  /** Shows what was there last, where the server has not answered yet. */
  readonly restore: () => Promise<void>;
  /** A sign-out deletes all conversations. */
  readonly clear: () => Promise<void>;
  readonly stop: () => void;
};

type Deps = { store: ChatStore; feeds: Pick<Feeds, 'has' | 'start' | 'cursor'> };

/** Saves what has changed, a moment later and when the page is left. */
export function createRoomCache({ store, feeds }: Deps): RoomCache {
  const userId = store.get().me.id;
  let saved = nothingSaved();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    writeCache({ store, feeds }, saved).catch(() => {
      saved = nothingSaved();
    });
  };
  const hidden = () => document.visibilityState === 'hidden' && save();
  const unsubscribe = store.subscribe(() => {
    timer ??= setTimeout(save, SAVE_PAUSE_MS);
  });
  window.addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', hidden);
  return {
    restore: () => restore({ store, feeds }, userId),
    clear: () => clear(userId),
    stop: () => {
      unsubscribe();
      clearTimeout(timer);
      window.removeEventListener('pagehide', save);
      document.removeEventListener('visibilitychange', hidden);
    },
  };
}

async function restore({ store, feeds }: Deps, userId: string): Promise<void> {
  const db = await cacheDatabase.open();
  const mine = recordsOf(userId);
  const [rooms, kept, about] = await Promise.all([
    db.getAll('room', mine),
    db.getAll('timeline', mine),
    db.get('about', userId),
  ]);
  if (store.get().roomsLoaded) return;
  const known = new Set(rooms.map((row) => row.roomId));
  const timelines: Record<string, Timeline> = {};
  for (const { roomId, epoch, cursor, timeline } of kept) {
    if (epoch !== about?.epoch || !known.has(roomId) || feeds.has(roomId)) continue;
    feeds.start(roomId, cursor);
    timelines[roomId] = { ...timeline, cached: true };
  }
  store.update((state) => ({
    epoch: state.epoch ?? about?.epoch,
    rooms: { ...Object.fromEntries(rooms.map((row) => [row.roomId, row.room])), ...state.rooms },
    timelines: { ...timelines, ...state.timelines },
    users: { ...withUsers(state.users, about?.users ?? []), ...state.users },
  }));
}

async function clear(userId: string): Promise<void> {
  const db = await cacheDatabase.open();
  const tx = db.transaction(['room', 'timeline', 'about'], 'readwrite');
  for (const name of ['room', 'timeline'] as const) void tx.objectStore(name).delete(recordsOf(userId));
  void tx.objectStore('about').delete(userId);
  await tx.done;
}
