/** Live events and syncs become rows; holes are noticed and filled. The rules are `model/feed.ts`. */
import type { HeadsEvent, Message, MessagesEvent, ReadMarkerEvent, SyncAnswer } from '../api/contract';
import { NoAnswer } from '../api/problem';
import { getRoom } from '../api/room';
import { hear, receive, reloaded, type Step, synced, syncFailed } from '../model/feed';
import { stopped } from '../model/presence';
import { purgedUpTo, withoutPurged } from '../model/purge';
import { moveMarker } from '../model/receipt';
import { applyChanges } from '../model/timeline';
import { applyToRoom, markRead } from '../model/unread';
import { type Chat, meet, namedIn, update } from './chat';
import { learnQuotes } from './history';
import { persist } from './persist';
import { sentPicture } from './pictures';
import { forgetRoom, readOpen, refreshRoom, reloadRoom, replaceRooms } from './rooms';
import type { ChatState } from './state';
import { ask } from './wire';

const SYNC_ROOMS_MAX = 500;

export function onMessages(chat: Chat, event: MessagesEvent): void {
  if (!chat.store.get().roomsLoaded) {
    chat.early.push(event);
    return;
  }
  const feed = chat.feeds.get(event.roomId);
  if (feed) take(chat, event.roomId, receive(feed, event));
  else void refreshRoom(chat, event.roomId);
}

export function take(chat: Chat, roomId: string, step: Step): void {
  chat.feeds.set(roomId, step.feed);
  if (step.apply.length > 0) applyMessages(chat, roomId, step.apply);
  if (step.ask === 'sync') askSync(chat, roomId);
  if (step.ask === 'reload') void reloadRoom(chat, roomId, (head) => reloadedAt(chat, roomId, head));
}

function reloadedAt(chat: Chat, roomId: string, head: number): void {
  const feed = chat.feeds.get(roomId);
  if (!feed) return;
  take(chat, roomId, reloaded(feed, head));
}

/** Rows from wherever they come: events, syncs and the answers to own commands. */
export function applyMessages(chat: Chat, roomId: string, messages: readonly Message[]): void {
  const before = chat.store.get();
  const sentIds = new Set(messages.filter((m) => m.senderId === before.me.id).map((m) => m.clientId));
  update(chat, (state) => changed(chat, state, roomId, messages, sentIds));
  for (const { clientId, image } of before.outbox) if (image && sentIds.has(clientId)) sentPicture(chat, clientId);
  chat.storage.saveOutbox(chat.store.get().outbox);
  meet(chat, messages.flatMap(namedIn));
  if (chat.store.get().timelines[roomId]) void learnQuotes(chat, roomId, messages);
  if (sentIds.size > 0) chat.pump();
  if (before.openRoom === roomId && messages.some((m) => m.system)) void refreshRoom(chat, roomId);
}

function changed(
  chat: Chat,
  state: ChatState,
  roomId: string,
  messages: readonly Message[],
  sentIds: ReadonlySet<string | undefined>,
): Partial<ChatState> {
  const room = state.rooms[roomId];
  const timeline = state.timelines[roomId];
  const nextRoom = room && applyToRoom(room, messages, state.me.id);
  const quoted = withoutPurged(requoted(state.quoted, messages), roomId, purgedUpTo(messages));
  const outbox = state.outbox.filter((pending) => !sentIds.has(pending.clientId));
  const news = room && nextRoom && nextRoom.unread > room.unread && room.unread === 0;
  const unseen = news && state.openRoom === roomId && !chat.watching;
  return {
    ...(nextRoom ? { rooms: { ...state.rooms, [roomId]: nextRoom } } : {}),
    ...(timeline ? { timelines: { ...state.timelines, [roomId]: applyChanges(timeline, messages) } } : {}),
    ...(unseen
      ? { unreadAfter: { ...state.unreadAfter, [roomId]: { seq: room.readSeq, count: nextRoom.unread } } }
      : {}),
    quoted,
    outbox: outbox.length === state.outbox.length ? state.outbox : outbox,
    typing: stopped(
      state.typing,
      roomId,
      messages.map((m) => m.senderId),
    ),
  };
}

function requoted(known: ChatState['quoted'], messages: readonly Message[]): ChatState['quoted'] {
  const news = messages.filter((message) => known[message.id]);
  return news.length === 0 ? known : { ...known, ...Object.fromEntries(news.map((m) => [m.id, m])) };
}

const wanted = new WeakMap<Chat, Set<string>>();

/** Gathers the rooms that ask in the same moment into one command. */
export function askSync(chat: Chat, roomId: string): void {
  const rooms = wanted.get(chat) ?? new Set<string>();
  wanted.set(chat, rooms.add(roomId));
  if (rooms.size === 1) setTimeout(() => void syncNow(chat), 5);
}

async function syncNow(chat: Chat): Promise<void> {
  const ids = [...(wanted.get(chat) ?? [])];
  wanted.delete(chat);
  const parts: string[][] = [];
  for (let from = 0; from < ids.length; from += SYNC_ROOMS_MAX) parts.push(ids.slice(from, from + SYNC_ROOMS_MAX));
  await Promise.all(parts.map((part) => syncSome(chat, part)));
  chat.settle();
}

/** A hole stays one until it is filled: a quiet room would otherwise keep it until somebody speaks. */
async function syncSome(chat: Chat, ids: readonly string[]): Promise<void> {
  let left = ids;
  await persist(chat, async () => {
    const cursors = left.flatMap((id) => {
      const feed = chat.feeds.get(id);
      return feed ? [[id, feed.cursor] as const] : [];
    });
    const rooms = Object.fromEntries(cursors);
    const epoch = chat.epoch === undefined ? {} : { epoch: chat.epoch };
    const answer = await ask(chat.wire, 'sync', { rooms, ...epoch });
    left = Object.entries(answer.rooms).flatMap(([id, page]) => (onSynced(chat, id, page) ? [] : [id]));
    if (left.length > 0) throw new NoAnswer();
  });
  if (!chat.wire.connected) endSyncs(chat);
}

/** Answers whether that is all there is to say of this room. */
function onSynced(chat: Chat, roomId: string, page: SyncAnswer): boolean {
  const feed = chat.feeds.get(roomId);
  if (!feed) return true;
  if ('error' in page) {
    const gone = page.error.code === 'notMember' || page.error.code === 'notFound';
    if (gone) forgetRoom(chat, roomId);
    return gone;
  }
  take(chat, roomId, synced(feed, page));
  return true;
}

/** Nothing is under way any more: the heads of the next connection begin anew. */
export function endSyncs(chat: Chat): void {
  for (const [roomId, feed] of chat.feeds) if (feed.syncing) chat.feeds.set(roomId, syncFailed(feed));
}

/** Answers how many changes are missing. */
export function onHeads(chat: Chat, event: HeadsEvent): number {
  if (chat.epoch !== undefined && chat.epoch !== event.epoch) {
    chat.epoch = event.epoch;
    void startAnew(chat);
    return 0;
  }
  chat.epoch = event.epoch;
  let missing = 0;
  for (const [roomId, head] of Object.entries(event.heads)) {
    const feed = chat.feeds.get(roomId);
    if (!feed) {
      if (chat.store.get().roomsLoaded) void refreshRoom(chat, roomId);
      continue;
    }
    missing += Math.max(0, head - feed.cursor);
    take(chat, roomId, hear(feed, head));
  }
  return missing;
}

/** Another store answers: nothing that is known counts any more, except what is unsent. */
async function startAnew(chat: Chat): Promise<void> {
  chat.feeds.clear();
  chat.anew = true;
  await replaceRooms(chat);
  chat.anew = false;
  await readOpen(chat);
  chat.settle();
}

/** Events were dropped on the way: every room asks. */
export function onResync(chat: Chat): void {
  for (const [roomId, feed] of chat.feeds) {
    if (feed.syncing) continue;
    chat.feeds.set(roomId, { ...feed, syncing: true });
    askSync(chat, roomId);
  }
}

export function onReadMarker(chat: Chat, event: ReadMarkerEvent): void {
  const { me, rooms, timelines } = chat.store.get();
  update(chat, (state) => {
    const members = state.members[event.roomId];
    if (!members) return {};
    const moved = moveMarker(members, event.userId, event.seq);
    return moved === members ? {} : { members: { ...state.members, [event.roomId]: moved } };
  });
  const room = rooms[event.roomId];
  if (event.userId !== me.id || !room) return;
  const next = markRead(room, event.seq, timelines[event.roomId]?.messages ?? [], me.id);
  if (next) update(chat, (state) => ({ rooms: { ...state.rooms, [event.roomId]: next } }));
  else
    void getRoom(event.roomId).then(
      ({ room: fresh }) => update(chat, (s) => ({ rooms: { ...s.rooms, [fresh.id]: fresh } })),
      () => undefined,
    );
}
