/** The state of the signed-in page, as one immutable value. */
import type { Code, Me, Member, Message, Presence, Room, User } from '../../api/contract';
import type { Connection } from '../../model/connection';
import type { Draft } from '../../model/draft';
import type { Pending } from '../../model/outbox';
import type { Typing } from '../../model/room/presence';
import type { Timeline } from '../../model/timeline/timeline';

export type Loading = 'first' | 'before' | 'after';

/** Behind `seq` there were `count` that I had not read. */
export type UnreadMark = { readonly seq: number; readonly count: number };

export type Notice = {
  readonly id: number;
  readonly text: string;
  readonly bad?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
};

/** Why the page is no longer this user's. */
export type Ended =
  | { readonly why: 'expired' }
  /** Signed out, here or in another tab. */
  | { readonly why: 'left' }
  /** Another tab signed in as another user. */
  | { readonly why: 'other'; readonly me: Me };

export type ChatState = {
  readonly me: Me;
  /** The epoch of the store: numbers of another epoch are invalid. */
  readonly epoch: string | undefined;
  readonly rooms: Readonly<Record<string, Room>>;
  readonly roomsLoaded: boolean;
  readonly members: Readonly<Record<string, readonly Member[]>>;
  readonly users: Readonly<Record<string, User>>;
  readonly timelines: Readonly<Record<string, Timeline>>;
  readonly loading: Readonly<Record<string, Loading | undefined>>;
  /** Why a room's messages did not load. */
  readonly failures: Readonly<Record<string, Code | 'noAnswer' | undefined>>;
  /** Why a room is not known. */
  readonly missing: Readonly<Record<string, Code | 'noAnswer' | undefined>>;
  readonly quoted: Readonly<Record<string, Message>>;
  /** My changes of messages, by the message's id, that the server has not stored or refused yet. */
  readonly changing: Readonly<Record<string, Partial<Message>>>;
  readonly outbox: readonly Pending[];
  readonly outboxLoaded: boolean;
  /** Whether this device stores unsent messages. */
  readonly keeps: boolean;
  readonly progress: Readonly<Record<string, number>>;
  readonly presence: Readonly<Record<string, Presence>>;
  readonly typing: readonly Typing[];
  readonly drafts: Readonly<Record<string, Draft>>;
  readonly connection: Connection;
  readonly openRoom: string | undefined;
  /** The newest message of the open room is on screen, in a window that has the focus. */
  readonly watching: boolean;
  /** What was unread when the room was opened, or when I stopped looking. */
  readonly unreadAfter: Readonly<Record<string, UnreadMark | undefined>>;
  readonly notices: readonly Notice[];
  readonly publicCount: number | undefined;
  readonly ended: Ended | undefined;
};

export function initialState(me: Me): ChatState {
  return {
    me,
    epoch: undefined,
    rooms: {},
    roomsLoaded: false,
    members: {},
    users: { [me.id]: me },
    timelines: {},
    loading: {},
    failures: {},
    missing: {},
    quoted: {},
    changing: {},
    outbox: [],
    outboxLoaded: false,
    keeps: true,
    progress: {},
    presence: {},
    typing: [],
    drafts: {},
    connection: { at: 'connecting' },
    openRoom: undefined,
    watching: false,
    unreadAfter: {},
    notices: [],
    publicCount: undefined,
    ended: undefined,
  };
}

export function withUsers(users: ChatState['users'], news: readonly User[]): ChatState['users'] {
  if (news.every((user) => same(users[user.id], user))) return users;
  const out = { ...users };
  for (const user of news) out[user.id] = user;
  return out;
}

function same(a: User | undefined, b: User): boolean {
  return a !== undefined && a.username === b.username && a.displayName === b.displayName && a.photoUrl === b.photoUrl;
}
