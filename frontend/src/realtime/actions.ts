/** What a person can do with messages and rooms. */
import type { Message } from '../api/contract';
import { uuidV7 } from '../lib/uuid';
import type { PendingImage } from '../model/outbox';
import { markRead } from '../model/unread';
import { type Chat, update } from './chat';
import { applyMessages } from './deliver';
import { changeDraft, draftOf } from './drafts';
import { loadAt, loadNewest } from './history';
import { askPatiently } from './patient';
import { readOpen, refreshRoom } from './rooms';
import { discard, put } from './sender';

/** Rooms whose messages are held. */
const VISITED_MAX = 20;

/** With the number of a message it is opened there, else at its end. */
export function openRoom(chat: Chat, roomId: string | undefined, seq?: number): void {
  update(chat, (state) => {
    const room = roomId === undefined ? undefined : state.rooms[roomId];
    const left = state.openRoom;
    const marks = { ...state.unreadAfter };
    if (left !== undefined && left !== roomId) marks[left] = undefined;
    if (roomId !== undefined && room)
      marks[roomId] = room.unread > 0 ? { seq: room.readSeq, count: room.unread } : undefined;
    return { openRoom: roomId, unreadAfter: marks };
  });
  chat.watching = false;
  if (roomId === undefined) return;
  visit(chat, roomId);
  const { rooms, timelines } = chat.store.get();
  const known = timelines[roomId] !== undefined && !chat.copied.has(roomId);
  if (seq === undefined || known) void readOpen(chat);
  else if (rooms[roomId]?.myRole !== undefined) void loadAt(chat, roomId, seq);
  void refreshRoom(chat, roomId);
}

/** What was looked at long ago is let go. */
function visit(chat: Chat, roomId: string): void {
  chat.visited = [...chat.visited.filter((id) => id !== roomId), roomId];
  const old = new Set(chat.visited.slice(0, -VISITED_MAX));
  if (old.size === 0) return;
  chat.visited = chat.visited.slice(-VISITED_MAX);
  update(chat, ({ timelines, members }) => ({ timelines: except(timelines, old), members: except(members, old) }));
}

function except<T>(record: Readonly<Record<string, T>>, keys: ReadonlySet<string>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.has(key)));
}

export function clearUnreadLine(chat: Chat, roomId: string): void {
  update(chat, (state) => ({ unreadAfter: { ...state.unreadAfter, [roomId]: undefined } }));
}

export type Outgoing = {
  readonly content: string;
  readonly replyTo?: string;
  readonly image?: PendingImage;
  /** The picture is kept under this id already. */
  readonly clientId?: string;
};

/** On screen at once, on the server as soon as it can be. */
export function send(chat: Chat, roomId: string, outgoing: Outgoing): void {
  const { clientId = uuidV7(), ...rest } = outgoing;
  if (chat.store.get().timelines[roomId]?.hasAfter) void loadNewest(chat, roomId);
  put(chat, { clientId, roomId, ...rest, createdAt: new Date().toISOString(), state: 'queued', attempts: 0 });
}

/** Takes a failed one back into the composer, before what is being written there. */
export function takeBack(chat: Chat, clientId: string): void {
  const pending = chat.store.get().outbox.find((p) => p.clientId === clientId);
  if (!pending) return;
  const { text, replyTo, edit } = draftOf(chat, pending.roomId);
  const both = text.trim() === '' ? pending.content : `${pending.content}\n${text}`;
  // A change that was begun stays in the composer, and the text comes after it.
  const begun = edit !== undefined && edit.text !== edit.message.content ? edit : undefined;
  changeDraft(chat, pending.roomId, { text: both, replyTo: replyTo ?? pending.replyTo, edit: begun });
  discard(chat, clientId);
}

export async function edit(chat: Chat, message: Message, content: string): Promise<void> {
  await shown(chat, message, { content }, () => askPatiently(chat, 'editMessage', { id: message.id, content }));
}

export async function erase(chat: Chat, message: Message): Promise<void> {
  const answer = await askPatiently(chat, 'deleteMessage', { id: message.id });
  applyMessages(chat, message.roomId, [answer.message]);
}

export async function react(chat: Chat, message: Message, emoji: string, on: boolean): Promise<void> {
  const { me } = chat.store.get();
  const reactions = toggled(message.reactions ?? [], emoji, me.id, on);
  await shown(chat, message, { reactions }, () => askPatiently(chat, 'react', { id: message.id, emoji, on }));
}

/** A change is shown at once, and until it is stored or refused; then what the server says is. */
async function shown(
  chat: Chat,
  { id, roomId }: Message,
  what: Partial<Message>,
  store: () => Promise<{ message: Message }>,
): Promise<void> {
  update(chat, ({ changing }) => ({ changing: { ...changing, [id]: what } }));
  try {
    applyMessages(chat, roomId, [(await store()).message]);
  } finally {
    update(chat, ({ changing }) => (changing[id] === what ? { changing: except(changing, new Set([id])) } : {}));
  }
}

function toggled(reactions: NonNullable<Message['reactions']>, emoji: string, meId: string, on: boolean) {
  const there = reactions.find((reaction) => reaction.emoji === emoji);
  if (!there) return on ? [...reactions, { emoji, userIds: [meId] }] : reactions;
  return reactions
    .map((reaction) => {
      if (reaction.emoji !== emoji) return reaction;
      const others = reaction.userIds.filter((id) => id !== meId);
      return { emoji, userIds: on ? [...others, meId] : others };
    })
    .filter((reaction) => reaction.userIds.length > 0);
}

/** Everything up to `seq` was on screen. */
export function read(chat: Chat, roomId: string, seq: number): void {
  const { rooms, timelines, me } = chat.store.get();
  const room = rooms[roomId];
  if (room?.myRole === undefined || seq <= room.readSeq) return;
  const next = markRead(room, seq, timelines[roomId]?.messages ?? [], me.id);
  if (next) update(chat, (state) => ({ rooms: { ...state.rooms, [roomId]: next } }));
  chat.tellRead(roomId, seq);
}
