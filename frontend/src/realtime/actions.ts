/** What a person can do with messages and rooms. */
import type { Message } from '../api/contract';
import * as api from '../api/room';
import { uuidV7 } from '../lib/uuid';
import type { PendingImage } from '../model/outbox';
import { findMessage, merge, type Timeline } from '../model/timeline';
import { markRead } from '../model/unread';
import { type Chat, update } from './chat';
import { applyMessages } from './deliver';
import { loadNewest } from './history';
import { refreshRoom } from './rooms';
import { discard, put } from './sender';
import type { Draft } from './state';
import { ask } from './wire';

const READ_PAUSE_MS = 300;

export function openRoom(chat: Chat, roomId: string | undefined): void {
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
  const { timelines } = chat.store.get();
  if (!timelines[roomId] || chat.copied.has(roomId)) void loadNewest(chat, roomId);
  void refreshRoom(chat, roomId);
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

/** Takes a failed one back into the composer. */
export function takeBack(chat: Chat, clientId: string): void {
  const pending = chat.store.get().outbox.find((p) => p.clientId === clientId);
  if (!pending) return;
  saveDraft(chat, pending.roomId, {
    text: pending.content,
    ...(pending.replyTo === undefined ? {} : { replyTo: pending.replyTo }),
  });
  discard(chat, clientId);
}

export function saveDraft(chat: Chat, roomId: string, draft: Draft): void {
  const empty = draft.text.trim() === '' && draft.replyTo === undefined;
  update(chat, (state) => {
    const { [roomId]: _, ...rest } = state.drafts;
    return { drafts: empty ? rest : { ...rest, [roomId]: draft } };
  });
  chat.storage.saveDraft(roomId, empty ? undefined : draft);
  chat.tell({ what: 'draft', roomId, draft: empty ? undefined : draft });
}

export async function edit(chat: Chat, message: Message, content: string): Promise<void> {
  const undo = local(chat, message, { content });
  try {
    const answer = await ask(chat.wire, 'editMessage', { id: message.id, content });
    applyMessages(chat, message.roomId, [answer.message]);
  } catch (error) {
    undo();
    throw error;
  }
}

export async function erase(chat: Chat, message: Message): Promise<void> {
  const answer = await ask(chat.wire, 'deleteMessage', { id: message.id });
  applyMessages(chat, message.roomId, [answer.message]);
}

/** Shown at once; comes back where the server refuses. */
export async function react(chat: Chat, message: Message, emoji: string, on: boolean): Promise<void> {
  const { me } = chat.store.get();
  const undo = local(chat, message, { reactions: toggled(message.reactions ?? [], emoji, me.id, on) });
  try {
    const answer = await ask(chat.wire, 'react', { id: message.id, emoji, on });
    applyMessages(chat, message.roomId, [answer.message]);
  } catch (error) {
    undo();
    throw error;
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

/** Changes a row for the eye only; its number stays, so whatever the server says wins. */
function local(chat: Chat, message: Message, what: Partial<Message>): () => void {
  const shown = { ...message, ...what };
  const swap = (from: Message, to: Message) =>
    update(chat, (state) => {
      const timeline = state.timelines[message.roomId];
      if (!timeline || findMessage(timeline, from.id) !== from) return {};
      return { timelines: { ...state.timelines, [message.roomId]: replaced(timeline, to) } };
    });
  swap(message, shown);
  return () => swap(shown, message);
}

function replaced(timeline: Timeline, message: Message): Timeline {
  const messages = merge(
    timeline.messages.filter((other) => other.id !== message.id),
    [message],
  );
  return { ...timeline, messages };
}

let readTimer: ReturnType<typeof setTimeout> | undefined;

/** Everything up to `seq` was on screen. */
export function read(chat: Chat, roomId: string, seq: number): void {
  const { rooms, timelines, me } = chat.store.get();
  const room = rooms[roomId];
  if (room?.myRole === undefined || seq <= room.readSeq) return;
  const next = markRead(room, seq, timelines[roomId]?.messages ?? [], me.id);
  if (next) update(chat, (state) => ({ rooms: { ...state.rooms, [roomId]: next } }));
  clearTimeout(readTimer);
  readTimer = setTimeout(() => {
    ask(chat.wire, 'read', { roomId, seq }).catch(() => api.markRead(roomId, seq).catch(() => undefined));
  }, READ_PAUSE_MS);
}
