/** What all parts of the live page share, and the small steps that many of them take. */
import { getUser } from '../api/account';
import type { HistoryPage, Me, Message, MessagesEvent, Room, RoomDetail, User } from '../api/contract';
import { createStore, type Store } from '../lib/store';
import type { Feed } from '../model/feed';
import { titleOf } from '../model/room';
import { type ChatState, initialState, type Notice, withUsers } from './state';
import { type Storage, storageOf } from './storage';
import type { Told } from './tabs';
import { openWire, type Wire } from './wire';

export type Chat = {
  readonly store: Store<ChatState>;
  readonly wire: Wire;
  readonly storage: Storage;
  readonly feeds: Map<string, Feed>;
  /** Events that came before the list of rooms. */
  early: MessagesEvent[];
  epoch: string | undefined;
  /** Is the newest message of the open room on screen, in a window that has the focus. */
  watching: boolean;
  readonly asked: Set<string>;
  /** Rooms of which only a copy from this device is shown yet. */
  readonly copied: Set<string>;
  /** The page of each room's history that is being fetched, or waits for that: the last asked for. */
  readonly loads: Map<string, { key: string; done: Promise<void> }>;
  readonly uploads: Map<string, Promise<{ url: string; id: string }>>;
  /** Pictures of this visit by the client id of their message, with an address to show them by. */
  readonly pictures: Map<string, { blob: Blob; url: string }>;
  /** Called after anything that may have ended the catching up. */
  settle: () => void;
  pump: () => void;
  /** Asks for what a room's cursor lacks. */
  sync: (roomId: string) => void;
  /** To the other tabs of this person. */
  tell: (told: Told) => void;
  readonly ends: (() => void)[];
};

export function createChat(me: Me): Chat {
  return {
    store: createStore(initialState(me)),
    wire: openWire(),
    storage: storageOf(me.id),
    feeds: new Map(),
    early: [],
    epoch: undefined,
    watching: false,
    asked: new Set(),
    copied: new Set(),
    loads: new Map(),
    uploads: new Map(),
    pictures: new Map(),
    settle: () => undefined,
    pump: () => undefined,
    sync: () => undefined,
    tell: () => undefined,
    ends: [],
  };
}

/** Keys that are `undefined` do not overwrite. */
export function update(chat: Chat, change: (state: ChatState) => Partial<ChatState>): void {
  chat.store.set((state) => {
    const news = change(state);
    const keys = Object.keys(news) as (keyof ChatState)[];
    return keys.some((key) => !Object.is(news[key], state[key])) ? { ...state, ...news } : state;
  });
}

export function learnUsers(chat: Chat, users: readonly User[]): void {
  update(chat, (state) => ({ users: withUsers(state.users, users) }));
}

/** Fetches people that rows name and that this page has not met. */
export function meet(chat: Chat, ids: readonly string[]): void {
  const { users } = chat.store.get();
  for (const id of new Set(ids)) {
    if (users[id] || chat.asked.has(id)) continue;
    chat.asked.add(id);
    getUser(id)
      .then((user) => learnUsers(chat, [user]))
      .catch(() => chat.asked.delete(id));
  }
}

export function namedIn(message: Message): string[] {
  const { system } = message;
  const out = [message.senderId, ...(message.reactions?.flatMap((r) => r.userIds.slice(0, 8)) ?? [])];
  if (system?.type === 'joined') out.push(...system.userIds.slice(0, 8));
  if (system?.type === 'left' || system?.type === 'roleChanged') out.push(system.userId);
  return out;
}

export function learnPage(chat: Chat, page: HistoryPage): void {
  update(chat, (state) => {
    const quoted = { ...state.quoted };
    for (const message of page.quoted) quoted[message.id] = message;
    return { users: withUsers(state.users, page.users), quoted };
  });
  meet(chat, page.messages.flatMap(namedIn));
}

export function learnDetail(chat: Chat, detail: RoomDetail): void {
  const { room, members } = detail;
  update(chat, (state) => ({
    users: withUsers(state.users, [...room.people, ...members.map((member) => member.user)]),
    members: { ...state.members, [room.id]: members },
  }));
}

let notices = 0;

export function notify(chat: Chat, text: string, more: Omit<Notice, 'id' | 'text'> = {}): void {
  notices += 1;
  const notice: Notice = { id: notices, text, ...more };
  update(chat, (state) => ({ notices: [...state.notices.slice(-2), notice] }));
}

export function dismiss(chat: Chat, id: number): void {
  update(chat, (state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}

export function roomTitle(room: Room): string {
  return titleOf(room, room.alias);
}
