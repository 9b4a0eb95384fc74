/** What all parts of the live page share, and the small steps that many of them take. */
import { getUser } from '../api/account';
import type { HistoryPage, Me, Message, MessagesEvent, Room, RoomDetail, User } from '../api/contract';
import { createStore, type Store } from '../lib/store';
import type { Draft } from '../model/draft';
import type { Feed } from '../model/feed';
import { isPurge } from '../model/purge';
import { titleOf } from '../model/room';
import { type ChatState, type Ended, initialState, type Notice, withUsers } from './state';
import { type Storage, storageOf } from './storage';
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
  /** Another store answers, and its rooms are not here yet. */
  anew: boolean;
  /** The unsent of this device is known: from then on what the server says can be put beside it. */
  restored: Promise<void>;
  /** Counts what is learned of drafts; when it last was of a room. */
  readonly news: { turn: number; readonly of: Map<string, number> };
  /** Rooms whose draft is not on the disk yet. */
  readonly unsaved: Set<string>;
  /** The rooms that were opened, the last one at the end. */
  visited: readonly string[];
  /** The page of each room's history that is being fetched, or waits for that: the last asked for. */
  readonly loads: Map<string, { key: string; done: Promise<void> }>;
  readonly uploads: Map<string, Upload>;
  /** Pictures of this visit by the client id of their message, with an address to show them by. */
  readonly pictures: Map<string, { blob: Blob; url: string }>;
  /** Called after anything that may have ended the catching up. */
  settle: () => void;
  /** The session of this connection is this person's, says the server: what waits may go out. */
  mine: boolean;
  pump: () => void;
  saveDrafts: (when: 'now' | 'soon') => void;
  /** To the server, what it does not have of my drafts. */
  tellDrafts: (when: 'now' | 'soon') => void;
  /** My read marker, until the server has it. */
  tellRead: (roomId: string, seq: number) => void;
  /** Asks for what a room's cursor lacks. */
  sync: (roomId: string) => void;
  /** To the other tabs of this person. */
  tell: (told: Told) => void;
  /** The page is no longer this person's: nothing goes out any more, and nothing is kept. */
  end: (ended: Ended) => void;
  readonly ends: (() => void)[];
};

/** What one tab tells the others of its person. */
export type Told =
  | { readonly what: 'draft'; readonly roomId: string; readonly draft: Draft | undefined }
  | { readonly what: 'discarded'; readonly clientId: string };

export type Upload = { readonly done: Promise<{ url: string; id: string }>; readonly stop: () => void };

export function createChat(me: Me, wire: Wire = openWire()): Chat {
  const store = createStore(initialState(me));
  const kept = (keeps: boolean) => store.set((state) => (state.keeps === keeps ? state : { ...state, keeps }));
  return {
    store,
    wire,
    storage: storageOf(me.id, kept),
    feeds: new Map(),
    early: [],
    epoch: undefined,
    watching: false,
    asked: new Set(),
    copied: new Set(),
    anew: false,
    restored: Promise.resolve(),
    news: { turn: 0, of: new Map() },
    unsaved: new Set(),
    visited: [],
    loads: new Map(),
    uploads: new Map(),
    pictures: new Map(),
    settle: () => undefined,
    mine: false,
    pump: () => undefined,
    saveDrafts: () => undefined,
    tellDrafts: () => undefined,
    tellRead: () => undefined,
    sync: () => undefined,
    tell: () => undefined,
    end: () => undefined,
    ends: [],
  };
}

/** What started last ends first: what is still said at an end goes through what was there before. */
export function endAll(chat: Chat): void {
  for (const end of [...chat.ends].reverse()) end();
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
  if (isPurge(message)) return [];
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
