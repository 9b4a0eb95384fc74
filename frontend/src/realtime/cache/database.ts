/** The database of the room cache, as it lies on the device. */
import type { DBSchema } from 'idb';
import type { Room, User } from '../../api/contract';
import { lazyDatabase } from '../../lib/database';
import type { Timeline } from '../../model/timeline/timeline';

interface Cached extends DBSchema {
  room: { key: [string, string]; value: { userId: string; roomId: string; room: Room } };
  /** Stored separately, so that a room whose messages are not loaded now keeps those of the last visit. */
  timeline: {
    key: [string, string];
    value: { userId: string; roomId: string; epoch: string | undefined; cursor: number; timeline: Timeline };
  };
  about: { key: string; value: { epoch: string | undefined; users: User[] } };
}

/** A change of the records needs a higher version: the cache is dropped then, because the server has everything. */
export const cacheDatabase = lazyDatabase<Cached>(
  'chat-copies',
  2,
  (db) => {
    for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
    for (const name of ['room', 'timeline'] as const) db.createObjectStore(name, { keyPath: ['userId', 'roomId'] });
    db.createObjectStore('about');
  },
  { closeForNewer: true },
);

/** All records of a user, where the key is `[userId, roomId]`. */
export function recordsOf(userId: string): IDBKeyRange {
  return IDBKeyRange.bound([userId], [userId, []]);
}
