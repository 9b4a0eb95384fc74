/**
 * Copies of the rooms on this device, so that a reload shows them before the server has answered, or
 * without a server. A copy is where a room's cursor begins: what came after it is fetched as any hole.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Room, User } from '../api/contract';
import { startFeed } from '../model/feed';
import { byActivity } from '../model/room';
import type { Timeline } from '../model/timeline';
import { type Chat, update } from './chat';
import { type ChatState, withUsers } from './state';

const SAVE_PAUSE_MS = 500;
const ROOMS_MAX = 30;
const MESSAGES_MAX = 100;

interface Copies extends DBSchema {
  room: { key: [string, string]; value: { userId: string; roomId: string; room: Room } };
  /** Kept apart, so that a room whose messages are not loaded now does not lose those of last time. */
  timeline: {
    key: [string, string];
    value: { userId: string; roomId: string; epoch: string | undefined; cursor: number; timeline: Timeline };
  };
  about: { key: string; value: { epoch: string | undefined; users: User[] } };
}

let opened: Promise<IDBPDatabase<Copies>> | undefined;
let ready: IDBPDatabase<Copies> | undefined;

function database(): Promise<IDBPDatabase<Copies>> {
  opened ??= openDB<Copies>('chat-copies', 2, {
    // Copies of another form are let go: the server has it all.
    upgrade(db) {
      for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
      for (const name of ['room', 'timeline'] as const) db.createObjectStore(name, { keyPath: ['userId', 'roomId'] });
      db.createObjectStore('about');
    },
    // Another tab has a newer page.
    blocking: () => ready?.close(),
  }).then((db) => {
    ready = db;
    return db;
  });
  return opened;
}

const allOf = (userId: string) => IDBKeyRange.bound([userId], [userId, []]);

/** Shows what was there last, where the server has not answered yet. */
export async function restoreCopies(chat: Chat): Promise<void> {
  const { id } = chat.store.get().me;
  const db = await database();
  const mine = allOf(id);
  const [rooms, kept, about] = await Promise.all([
    db.getAll('room', mine),
    db.getAll('timeline', mine),
    db.get('about', id),
  ]);
  if (chat.store.get().roomsLoaded) return;
  chat.epoch ??= about?.epoch;
  const known = new Set(rooms.map((row) => row.roomId));
  const timelines: Record<string, Timeline> = {};
  for (const { roomId, epoch, cursor, timeline } of kept) {
    if (epoch !== about?.epoch || !known.has(roomId) || chat.feeds.has(roomId)) continue;
    chat.feeds.set(roomId, startFeed(cursor));
    chat.copied.add(roomId);
    timelines[roomId] = timeline;
  }
  update(chat, (state) => ({
    rooms: { ...Object.fromEntries(rooms.map((row) => [row.roomId, row.room])), ...state.rooms },
    timelines: { ...timelines, ...state.timelines },
    users: { ...withUsers(state.users, about?.users ?? []), ...state.users },
  }));
}

/** What is on the disk. */
type Saved = {
  readonly rooms: Map<string, Room>;
  readonly timelines: Map<string, Timeline['messages']>;
  users: ChatState['users'] | undefined;
  epoch: string | undefined;
};

function nothing(): Saved {
  return { rooms: new Map(), timelines: new Map(), users: undefined, epoch: undefined };
}

/** Writes what has changed, a moment later and when the page is left. */
export function startCopies(chat: Chat): void {
  let saved = nothing();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    write(chat, saved).catch(() => {
      saved = nothing();
    });
  };
  const hidden = () => document.visibilityState === 'hidden' && save();
  chat.ends.push(
    chat.store.subscribe(() => {
      timer ??= setTimeout(save, SAVE_PAUSE_MS);
    }),
    () => clearTimeout(timer),
    () => window.removeEventListener('pagehide', save),
    () => document.removeEventListener('visibilitychange', hidden),
  );
  window.addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', hidden);
}

async function write(chat: Chat, saved: Saved): Promise<void> {
  if (!chat.store.get().roomsLoaded) return;
  // A page that is being left has no time to wait for a promise.
  const db = ready ?? (await database());
  const { me, rooms, timelines, users, ended } = chat.store.get();
  // Somebody may have signed out by now, and leaves nothing behind.
  if (ended) return;
  const mine = Object.values(rooms).filter((room) => room.myRole !== undefined);
  const recent = new Set([...mine].sort(byActivity).slice(0, ROOMS_MAX));
  const tx = db.transaction(['room', 'timeline', 'about'], 'readwrite', { durability: 'relaxed' });
  const drop = (roomId: string) => {
    saved.rooms.delete(roomId);
    saved.timelines.delete(roomId);
    void tx.objectStore('room').delete([me.id, roomId]);
    void tx.objectStore('timeline').delete([me.id, roomId]);
  };
  const { epoch } = chat;
  if (saved.epoch !== epoch) saved.timelines.clear();
  // Rooms of last time may be gone.
  if (saved.rooms.size === 0) void tx.objectStore('room').delete(allOf(me.id));
  for (const id of [...saved.rooms.keys()]) if (rooms[id]?.myRole === undefined) drop(id);
  for (const room of mine) {
    if (saved.rooms.get(room.id) !== room) void tx.objectStore('room').put({ userId: me.id, roomId: room.id, room });
    saved.rooms.set(room.id, room);
    const cursor = chat.feeds.get(room.id)?.cursor;
    const messages = timelines[room.id]?.messages;
    const timeline = shortened(timelines[room.id]);
    if (!recent.has(room)) {
      if (saved.timelines.delete(room.id)) void tx.objectStore('timeline').delete([me.id, room.id]);
      continue;
    }
    if (!timeline || !messages || cursor === undefined || saved.timelines.get(room.id) === messages) continue;
    saved.timelines.set(room.id, messages);
    void tx.objectStore('timeline').put({ userId: me.id, roomId: room.id, epoch, cursor, timeline });
  }
  if (saved.users !== users || saved.epoch !== epoch) {
    void tx.objectStore('about').put({ epoch, users: Object.values(users) }, me.id);
  }
  saved.users = users;
  saved.epoch = epoch;
  tx.commit();
  await tx.done;
}

function shortened(timeline: Timeline | undefined): Timeline | undefined {
  if (!timeline || timeline.hasAfter) return undefined;
  const messages = timeline.messages.slice(-MESSAGES_MAX);
  const hasBefore = timeline.hasBefore || messages.length < timeline.messages.length;
  return { messages, hasBefore, hasAfter: false };
}

/** Whoever signs out leaves no conversation behind. */
export async function forgetCopies(userId: string): Promise<void> {
  const db = await database();
  const tx = db.transaction(['room', 'timeline', 'about'], 'readwrite');
  for (const name of ['room', 'timeline'] as const) void tx.objectStore(name).delete(allOf(userId));
  void tx.objectStore('about').delete(userId);
  await tx.done;
}
