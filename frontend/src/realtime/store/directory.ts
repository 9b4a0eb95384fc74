/** The users, members and quoted messages that rows name: from events and answers, or fetched. */
import { getUser } from '../../api/account';
import type { HistoryPage, Message, RoomDetail, User } from '../../api/contract';
import { isPurge } from '../../model/timeline/purge';
import { withUsers } from './state';
import type { ChatStore } from './store';

const NAMED_MAX = 8;

export type Directory = {
  readonly learnUsers: (users: readonly User[]) => void;
  readonly learnPage: (page: HistoryPage) => void;
  readonly learnDetail: (detail: RoomDetail) => void;
  /** Fetches users that this page does not know, each once. */
  readonly fetchMissing: (ids: readonly string[]) => void;
};

export function createDirectory({ store }: { store: ChatStore }): Directory {
  const asked = new Set<string>();
  const learnUsers = (users: readonly User[]) => store.update((state) => ({ users: withUsers(state.users, users) }));
  const fetchMissing = (ids: readonly string[]) => {
    const { users } = store.get();
    for (const id of new Set(ids)) {
      if (users[id] || asked.has(id)) continue;
      asked.add(id);
      getUser(id)
        .then((user) => learnUsers([user]))
        .catch(() => asked.delete(id));
    }
  };
  return {
    learnUsers,
    fetchMissing,
    learnPage: (page) => {
      store.update((state) => {
        const quoted = { ...state.quoted };
        for (const message of page.quoted) quoted[message.id] = message;
        return { users: withUsers(state.users, page.users), quoted };
      });
      fetchMissing(page.messages.flatMap(namedIn));
    },
    learnDetail: ({ room, members }) =>
      store.update((state) => ({
        users: withUsers(state.users, [...room.people, ...members.map((member) => member.user)]),
        members: { ...state.members, [room.id]: members },
      })),
  };
}

/** The ids of the users whom a row of this message names. */
export function namedIn(message: Message): string[] {
  const { system } = message;
  if (isPurge(message)) return [];
  const out = [message.senderId, ...(message.reactions?.flatMap((r) => r.userIds.slice(0, NAMED_MAX)) ?? [])];
  if (system?.type === 'joined') out.push(...system.userIds.slice(0, NAMED_MAX));
  if (system?.type === 'left' || system?.type === 'roleChanged') out.push(system.userId);
  return out;
}
