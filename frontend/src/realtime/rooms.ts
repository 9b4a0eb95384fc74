/** Which rooms there are for me, and what is known of them besides their messages. */
import type { Room, RoomChangedEvent } from '../api/contract';
import { codeOf } from '../api/problem';
import { getRoom, listRooms } from '../api/room';
import { backoffMs } from '../model/backoff';
import { startFeed } from '../model/feed';
import { type Chat, learnDetail, learnUsers, update } from './chat';
import { loadNewest } from './history';
import type { ChatState } from './state';

/** The list. What this device knows newer stays. */
export async function refreshRooms(chat: Chat): Promise<void> {
  take(chat, await listRooms());
}

/** The list of another store, asked for until it is there: what was known before counts for nothing. */
export async function replaceRooms(chat: Chat): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const list = await listRooms();
      update(chat, () => ({ timelines: {}, rooms: {}, members: {}, quoted: {}, unreadAfter: {} }));
      take(chat, list);
      return;
    } catch (error) {
      // The socket says so too, and that ends the page.
      if (codeOf(error) === 'unauthenticated') return;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, Math.random())));
    }
  }
}

function take(chat: Chat, list: readonly Room[]): void {
  learnUsers(
    chat,
    list.flatMap((room) => room.people),
  );
  update(chat, (state) => {
    const rooms: Record<string, Room> = {};
    for (const room of list) rooms[room.id] = fresher(state.rooms[room.id], room);
    return { rooms, roomsLoaded: true };
  });
  const ids = new Set(list.map((room) => room.id));
  for (const id of chat.feeds.keys()) if (!ids.has(id)) chat.feeds.delete(id);
  for (const room of list) if (!chat.feeds.has(room.id)) chat.feeds.set(room.id, startFeed(room.head));
}

function fresher(known: Room | undefined, read: Room): Room {
  if (!known || read.head >= known.head) {
    return known && known.readSeq > read.readSeq
      ? { ...read, readSeq: known.readSeq, unread: known.unread, mentions: known.mentions }
      : read;
  }
  const { name: _, topic: __, ...rest } = known;
  return {
    ...rest,
    ...(read.name === undefined ? {} : { name: read.name }),
    ...(read.topic === undefined ? {} : { topic: read.topic }),
    people: read.people,
    memberCount: read.memberCount,
  };
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
    const detail = await getRoom(roomId);
    learnDetail(chat, detail);
    putRoom(chat, detail.room);
    update(chat, (state) => ({ failures: { ...state.failures, [roomId]: undefined } }));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'notFound' || code === 'notMember' || code === 'forbidden') forgetRoom(chat, roomId);
    update(chat, (state) => ({ failures: { ...state.failures, [roomId]: code } }));
  }
}

/** Puts a room in the list (where I am a member) and begins to follow it. */
export function putRoom(chat: Chat, room: Room): void {
  learnUsers(chat, room.people);
  update(chat, (state) => ({ rooms: { ...state.rooms, [room.id]: fresher(state.rooms[room.id], room) } }));
  if (room.myRole !== undefined && !chat.feeds.has(room.id)) chat.feeds.set(room.id, startFeed(room.head));
}

export function forgetRoom(chat: Chat, roomId: string): void {
  chat.feeds.delete(roomId);
  update(chat, (state) => ({
    rooms: without(state.rooms, roomId),
    timelines: without(state.timelines, roomId),
    members: without(state.members, roomId),
    failures: { ...state.failures, [roomId]: 'notFound' },
  }));
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}

export function onRoomChanged(chat: Chat, event: RoomChangedEvent): void {
  if (event.change === 'removed' || event.change === 'deleted') forgetRoom(chat, event.roomId);
  else void refreshRoom(chat, event.roomId);
}

/** Too far behind, or the store says so: forget the rows, keep what is unsent. */
export async function reloadRoom(chat: Chat, roomId: string): Promise<void> {
  const open = chat.store.get().openRoom === roomId;
  chat.feeds.delete(roomId);
  update(chat, (state: ChatState) => ({
    timelines: without(state.timelines, roomId),
    rooms: without(state.rooms, roomId),
  }));
  await refreshRoom(chat, roomId);
  if (open) await loadNewest(chat, roomId);
  chat.settle();
}
