/** The people on screen: how they look, where they are, and who is typing. */
import type { Presence, TypingEvent, User } from '../api/contract';
import { expired, heard, mergePresence } from '../model/presence';
import { withFace } from '../model/room';
import { type Chat, meet, update } from './chat';
import { withUsers } from './state';
import { ask } from './wire';

const WATCH_PAUSE_MS = 250;
const IDLE_MS = 5 * 60_000;
const TYPING_PAUSE_MS = 3000;
const SWEEP_MS = 1000;

export const WATCH_MAX = 200;

export type People = {
  /** At most `WATCH_MAX`. */
  watch: (ids: readonly string[]) => void;
  typing: (roomId: string) => void;
  onConnect: () => void;
};

export function startPeople(chat: Chat): People {
  let watched: ReadonlySet<string> = new Set();
  let away = false;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let lastActive = Date.now();
  let lastTyping = { roomId: '', at: 0 };

  const tell = () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      ask(chat.wire, 'presence', { watch: [...watched], away })
        // From now on the server tells of these, and what was known of others gets old.
        .then(({ users }) => update(chat, () => ({ presence: mergePresence({}, users) })))
        .catch(() => undefined);
    }, WATCH_PAUSE_MS);
  };
  const active = () => {
    lastActive = Date.now();
    if (!away) return;
    away = false;
    tell();
  };
  const sweep = setInterval(() => {
    update(chat, (state) => ({ typing: expired(state.typing, Date.now()) }));
    if (away || Date.now() - lastActive < IDLE_MS) return;
    away = true;
    tell();
  }, SWEEP_MS);
  const signs = ['pointerdown', 'keydown', 'focus'] as const;
  for (const sign of signs) window.addEventListener(sign, active);
  chat.ends.push(() => {
    clearInterval(sweep);
    clearTimeout(pause);
    for (const sign of signs) window.removeEventListener(sign, active);
  });

  return {
    watch: (ids) => {
      if (ids.length === watched.size && ids.every((id) => watched.has(id))) return;
      watched = new Set(ids);
      tell();
    },
    typing: (roomId) => {
      const now = Date.now();
      if (lastTyping.roomId === roomId && now - lastTyping.at < TYPING_PAUSE_MS) return;
      lastTyping = { roomId, at: now };
      ask(chat.wire, 'typing', { roomId }).catch(() => undefined);
    },
    onConnect: tell,
  };
}

export function onPresence(chat: Chat, news: readonly Presence[]): void {
  update(chat, (state) => ({ presence: mergePresence(state.presence, news) }));
}

export function onTyping(chat: Chat, event: TypingEvent): void {
  const { me } = chat.store.get();
  if (event.userId === me.id) return;
  meet(chat, [event.userId]);
  update(chat, (state) => ({ typing: heard(state.typing, event, Date.now()) }));
}

/** Somebody looks otherwise now: in every list, title and row. On my other devices that is me. */
export function onUserChanged(chat: Chat, user: User): void {
  update(chat, (state) => {
    const rooms = { ...state.rooms };
    for (const room of Object.values(rooms)) rooms[room.id] = withFace(room, user);
    const members = { ...state.members };
    for (const [roomId, list] of Object.entries(members)) {
      if (!list.some((member) => member.user.id === user.id)) continue;
      members[roomId] = list.map((member) => (member.user.id === user.id ? { ...member, user } : member));
    }
    const { photoUrl: _, ...rest } = state.me;
    const me = state.me.id === user.id ? { ...rest, ...user } : state.me;
    return { me, rooms, members, users: withUsers(state.users, [user]) };
  });
}
