/** Which rooms there are for me, and what is known of them besides their messages. */
import type { Code, Room, RoomChangedEvent } from '../api/contract';
import { codeOf } from '../api/problem';
import { getRoom, history, joinRoom, listRooms } from '../api/room';
import { backoffMs } from '../model/backoff';
import { startFeed } from '../model/feed';
import { fromPage } from '../model/timeline';
import { fresher, isAhead } from '../model/unread';
import { type Chat, learnDetail, learnPage, learnUsers, update } from './chat';
import { hearDrafts } from './drafts';
import { loadNewest } from './history';
import { confirm } from './identity';
import { persist } from './persist';

/** The list. What this device knows newer stays. */
export async function refreshRooms(chat: Chat): Promise<void> {
  const { rooms, roomsLoaded } = chat.store.get();
  const { turn } = chat.news;
  const [mine, list] = await Promise.all([confirm(chat), listRooms()]);
  if (!mine) return;
  // A room that was made or entered meanwhile is not in the answer.
  take(chat, list, Object.keys(roomsLoaded ? rooms : chat.store.get().rooms));
  hearDrafts(chat, list, turn);
}

/** The list of another store, asked for until it is there: what was known before counts for nothing. */
export async function replaceRooms(chat: Chat): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { turn } = chat.news;
      const list = await listRooms();
      update(chat, () => ({ timelines: {}, rooms: {}, members: {}, quoted: {}, unreadAfter: {} }));
      take(chat, list, []);
      hearDrafts(chat, list, turn);
      return;
    } catch (error) {
      // The socket says so too, and that ends the page.
      if (codeOf(error) === 'unauthenticated') return;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, Math.random())));
    }
  }
}

function take(chat: Chat, list: readonly Room[], before: readonly string[]): void {
  learnUsers(
    chat,
    list.flatMap((room) => room.people),
  );
  const ids = new Set(list.map((room) => room.id));
  const { rooms } = chat.store.get();
  // A public room that is only looked at is in nobody's list.
  for (const id of before) if (!ids.has(id) && rooms[id]?.myRole !== undefined) forgetRoom(chat, id);
  const known = chat.store.get().rooms;
  const fresh = Object.fromEntries(list.map((room) => [room.id, fresher(known[room.id], room)]));
  update(chat, (state) => ({ rooms: { ...state.rooms, ...fresh }, roomsLoaded: true }));
  for (const room of list) follow(chat, known[room.id], room);
}

/** Follows a room that I am in, reads it where it is open, and tells the server where I know better. */
function follow(chat: Chat, known: Room | undefined, room: Room): void {
  if (room.myRole === undefined) return;
  if (!chat.feeds.has(room.id)) chat.feeds.set(room.id, startFeed(room.head));
  if (known && isAhead(known, room)) chat.tellRead(room.id, known.readSeq);
  if (chat.store.get().openRoom === room.id) void readOpen(chat);
}

/** The messages of the open room, where there is none or only a copy from this device. */
export async function readOpen(chat: Chat): Promise<void> {
  const { openRoom, rooms, timelines } = chat.store.get();
  if (openRoom === undefined || rooms[openRoom]?.myRole === undefined) return;
  // Where it was opened at one of its messages, that is what is wanted.
  if (chat.loads.has(openRoom)) return;
  if (!timelines[openRoom] || chat.copied.has(openRoom)) await loadNewest(chat, openRoom);
}

const running = new WeakMap<Chat, Map<string, Promise<void>>>();

/** One room with its members; many calls at once ask once. */
export function refreshRoom(chat: Chat, roomId: string): Promise<void> {
  const calls = running.get(chat) ?? new Map<string, Promise<void>>();
  running.set(chat, calls);
  const call = calls.get(roomId) ?? read(chat, roomId).finally(() => calls.delete(roomId));
  calls.set(roomId, call);
  return call;
}

async function read(chat: Chat, roomId: string): Promise<void> {
  try {
    const { turn } = chat.news;
    const detail = await getRoom(roomId);
    learnDetail(chat, detail);
    putRoom(chat, detail.room);
    hearDrafts(chat, [detail.room], turn);
  } catch (error) {
    missing(chat, roomId, codeOf(error));
  }
}

function missing(chat: Chat, roomId: string, code: Code | 'noAnswer'): void {
  if (isGone(code)) forgetRoom(chat, roomId);
  update(chat, (state) => ({ missing: { ...state.missing, [roomId]: code } }));
}

function isGone(code: Code | 'noAnswer'): boolean {
  return code === 'notFound' || code === 'notMember' || code === 'forbidden';
}

/** Puts a room in the list (where I am a member) and begins to follow it. */
export function putRoom(chat: Chat, room: Room): void {
  const known = chat.store.get().rooms[room.id];
  learnUsers(chat, room.people);
  update(chat, (state) => ({
    rooms: { ...state.rooms, [room.id]: fresher(known, room) },
    missing: without(state.missing, room.id),
  }));
  follow(chat, known, room);
}

/** Joins a public room; where it is open, its messages come. */
export async function enterRoom(chat: Chat, roomId: string): Promise<void> {
  putRoom(chat, await joinRoom(roomId));
  await refreshRoom(chat, roomId);
}

export function forgetRoom(chat: Chat, roomId: string): void {
  chat.feeds.delete(roomId);
  chat.copied.delete(roomId);
  update(chat, (state) => ({
    rooms: without(state.rooms, roomId),
    timelines: without(state.timelines, roomId),
    members: without(state.members, roomId),
    failures: without(state.failures, roomId),
    missing: { ...state.missing, [roomId]: 'notFound' },
  }));
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}

export function onRoomChanged(chat: Chat, event: RoomChangedEvent): void {
  const kind = chat.store.get().rooms[event.roomId]?.kind;
  if (event.change === 'removed' || event.change === 'deleted') forgetRoom(chat, event.roomId);
  // Whoever is looking at it may go on looking at a public one.
  if (event.change === 'hidden' || event.change === 'shown') {
    // An answer that is on its way may be from before it.
    void read(chat, event.roomId);
    return;
  }
  if (event.change === 'removed' ? kind === 'public' : event.change !== 'deleted') void refreshRoom(chat, event.roomId);
}

/**
 * Too far behind, or the store says so: what is known of the room counts for nothing. It stays on screen until what is
 * so now is here; events wait for that.
 */
export async function reloadRoom(chat: Chat, roomId: string, then: (head: number) => void): Promise<void> {
  await persist(chat, async () => {
    try {
      then(await readAnew(chat, roomId));
    } catch (error) {
      if (!isGone(codeOf(error))) throw error;
      forgetRoom(chat, roomId);
    }
  });
  chat.settle();
}

/** Answers up to where it is known. */
async function readAnew(chat: Chat, roomId: string): Promise<number> {
  const open = chat.store.get().openRoom === roomId;
  const [detail, page] = await Promise.all([getRoom(roomId), open ? history(roomId, {}) : undefined]);
  learnDetail(chat, detail);
  if (page) learnPage(chat, page);
  chat.copied.delete(roomId);
  update(chat, ({ rooms, timelines }) => ({
    rooms: { ...rooms, [roomId]: detail.room },
    timelines: page ? { ...timelines, [roomId]: fromPage(page) } : without(timelines, roomId),
  }));
  return Math.min(detail.room.head, page?.head ?? detail.room.head);
}
