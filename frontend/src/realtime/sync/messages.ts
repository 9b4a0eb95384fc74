/** Puts rows of events, syncs and answers to own commands into the state. */
import type { Message } from '../../api/contract';
import { createSignal, type Subscribe } from '../../lib/signal';
import type { Pending } from '../../model/outbox';
import { stopped } from '../../model/room/presence';
import { applyToRoom } from '../../model/room/unread';
import { purgedUpTo, withoutPurged } from '../../model/timeline/purge';
import { applyChanges } from '../../model/timeline/timeline';
import { type Directory, namedIn } from '../store/directory';
import type { ChatState } from '../store/state';
import type { ChatStore } from '../store/store';

export type Applied = {
  readonly roomId: string;
  readonly messages: readonly Message[];
  /** What has left the outbox with it: these are stored. */
  readonly stored: readonly Pending[];
};

export type Messages = {
  readonly apply: (roomId: string, messages: readonly Message[]) => void;
  readonly onApplied: Subscribe<Applied>;
};

type Deps = { store: ChatStore; directory: Pick<Directory, 'fetchMissing'> };

export function createMessages({ store, directory }: Deps): Messages {
  const applied = createSignal<Applied>();
  return {
    apply: (roomId, messages) => {
      const { me, outbox } = store.get();
      const sentIds = new Set(messages.filter((m) => m.senderId === me.id).map((m) => m.clientId));
      store.update((state) => withMessages(state, roomId, messages, sentIds));
      directory.fetchMissing(messages.flatMap(namedIn));
      applied.emit({ roomId, messages, stored: outbox.filter(({ clientId }) => sentIds.has(clientId)) });
    },
    onApplied: applied.on,
  };
}

function withMessages(
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
  const unseen = news && state.openRoom === roomId && !state.watching;
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
