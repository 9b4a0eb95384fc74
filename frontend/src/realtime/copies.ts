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
import { withUsers } from './state';

const SAVE_PAUSE_MS = 500;
const ROOMS_MAX = 30;
const MESSAGES_MAX = 100;

type Copy = { userId: string; roomId: string; room: Room; cursor?: number; timeline?: Timeline };

interface Copies extends DBSchema {
  room: { key: [string, string]; value: Copy };
  about: { key: string; value: { epoch: string | undefined; users: User[] } };
}

let opened: Promise<IDBPDatabase<Copies>> | undefined;
let ready: IDBPDatabase<Copies> | undefined;

function database(): Promise<IDBPDatabase<Copies>> {
  opened ??= openDB<Copies>('chat-copies', 1, {
    upgrade(db) {
      db.createObjectStore('room', { keyPath: ['userId', 'roomId'] });
      db.createObjectStore('about');
    },
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
  const [copies, about] = await Promise.all([db.getAll('room', allOf(id)), db.get('about', id)]);
  if (chat.store.get().roomsLoaded) return;
  chat.epoch ??= about?.epoch;
  for (const { roomId, cursor, timeline } of copies) {
    if (!timeline || cursor === undefined || chat.feeds.has(roomId)) continue;
    chat.feeds.set(roomId, startFeed(cursor));
    chat.copied.add(roomId);
  }
  update(chat, (state) => {
    const rooms: Record<string, Room> = {};
    const timelines: Record<string, Timeline> = {};
    for (const { roomId, room, timeline } of copies) {
      rooms[roomId] = room;
      if (timeline && chat.copied.has(roomId)) timelines[roomId] = timeline;
    }
    return {
      rooms: { ...rooms, ...state.rooms },
      timelines: { ...timelines, ...state.timelines },
      users: { ...withUsers(state.users, about?.users ?? []), ...state.users },
    };
  });
}

/** Writes what has changed, a moment later and when the page is left. */
export function startCopies(chat: Chat): void {
  const saved = new Map<string, { room: Room; messages: Timeline['messages'] | undefined }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    write(chat, saved).catch(() => saved.clear());
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

type Saved = Map<string, { room: Room; messages: Timeline['messages'] | undefined }>;

async function write(chat: Chat, saved: Saved): Promise<void> {
  const { me, rooms, roomsLoaded, timelines, users, signedOut } = chat.store.get();
  if (!roomsLoaded || signedOut) return;
  // A page that is being left has no time to wait for a promise.
  const db = ready ?? (await database());
  const mine = Object.values(rooms).filter((room) => room.myRole !== undefined);
  const recent = new Set([...mine].sort(byActivity).slice(0, ROOMS_MAX));
  const tx = db.transaction(['room', 'about'], 'readwrite', { durability: 'relaxed' });
  for (const room of mine) {
    const messages = timelines[room.id]?.messages;
    const last = saved.get(room.id);
    if (last && last.room === room && last.messages === messages) continue;
    saved.set(room.id, { room, messages });
    const timeline = recent.has(room) ? shortened(timelines[room.id]) : undefined;
    const cursor = chat.feeds.get(room.id)?.cursor;
    const kept = timeline && cursor !== undefined ? { timeline, cursor } : {};
    void tx.objectStore('room').put({ userId: me.id, roomId: room.id, room, ...kept });
  }
  for (const id of [...saved.keys()].filter((known) => rooms[known] === undefined)) {
    saved.delete(id);
    void tx.objectStore('room').delete([me.id, id]);
  }
  void tx.objectStore('about').put({ epoch: chat.epoch, users: Object.values(users) }, me.id);
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
  const tx = db.transaction(['room', 'about'], 'readwrite');
  void tx.objectStore('room').delete(allOf(userId));
  void tx.objectStore('about').delete(userId);
  await tx.done;
}
