/** The users on screen: presence, typing, and profiles. */
import type { TypingEvent, User } from '../../api/contract';
import { expired, mergePresence, startTyping } from '../../model/room/presence';
import { withFace } from '../../model/room/room';
import { type ChatSocket, request } from '../socket';
import type { Directory } from '../store/directory';
import { withUsers } from '../store/state';
import type { ChatStore } from '../store/store';
import { createIdle } from './idle';

const WATCH_PAUSE_MS = 250;
const TYPING_PAUSE_MS = 3000;
const EXPIRE_EVERY_MS = 1000;

export type PresencePart = {
  /** The users whose presence is wanted, at most `WATCH_MAX` of `model/room/presence.ts`. */
  readonly watch: (ids: readonly string[]) => void;
  /** I am typing in this room. */
  readonly typing: (roomId: string) => void;
  readonly stop: () => void;
};

type Deps = { store: ChatStore; socket: ChatSocket; directory: Pick<Directory, 'fetchMissing'> };

export function createPresence({ store, socket, directory }: Deps): PresencePart {
  let watched: ReadonlySet<string> = new Set();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastTyping = { roomId: '', at: 0 };

  const send = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      request(socket, 'presence', { watch: [...watched], away: idle.isAway() })
        // From now on the server reports these users, and the presence of others becomes outdated.
        .then(({ users }) => store.update(() => ({ presence: mergePresence({}, users) })))
        .catch(() => undefined);
    }, WATCH_PAUSE_MS);
  };
  const idle = createIdle(send);
  const expire = setInterval(
    () => store.update((state) => ({ typing: expired(state.typing, Date.now()) })),
    EXPIRE_EVERY_MS,
  );
  socket.on('connect', send);
  socket.on('presence', (event) => store.update((state) => ({ presence: mergePresence(state.presence, [event]) })));
  socket.on('typing', (event) => someoneTypes({ store, directory }, event));
  socket.on('userChanged', (user) => userChanged(store, user));
  return {
    watch: (ids) => {
      if (ids.length === watched.size && ids.every((id) => watched.has(id))) return;
      watched = new Set(ids);
      send();
    },
    typing: (roomId) => {
      const now = Date.now();
      if (lastTyping.roomId === roomId && now - lastTyping.at < TYPING_PAUSE_MS) return;
      lastTyping = { roomId, at: now };
      request(socket, 'typing', { roomId }).catch(() => undefined);
    },
    stop: () => {
      clearInterval(expire);
      clearTimeout(timer);
      idle.stop();
    },
  };
}

function someoneTypes({ store, directory }: Pick<Deps, 'store' | 'directory'>, event: TypingEvent): void {
  if (event.userId === store.get().me.id) return;
  directory.fetchMissing([event.userId]);
  store.update((state) => ({ typing: startTyping(state.typing, event, Date.now()) }));
}

/** A user has another name or photo: updates every list, title and row. On my other devices that is me. */
function userChanged(store: ChatStore, user: User): void {
  store.update((state) => {
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
