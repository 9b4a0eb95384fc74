/** Unread is computed from two numbers of the server, never incremented or decremented. */
import type { Message, Room } from '../../api/contract';
import { purgedUpTo } from '../timeline/purge';

/** What changed rows mean for the list: counts, newest message. The same row twice changes nothing. */
export function applyToRoom(room: Room, changes: readonly Message[], meId: string): Room {
  let next = room;
  for (const message of changes) next = applyOne(next, message, meId);
  return next;
}

function applyOne(room: Room, message: Message, meId: string): Room {
  const head = Math.max(room.head, message.changedSeq);
  const upTo = purgedUpTo([message]);
  if (upTo > 0) return purged(room, head, upTo);
  const lastMessage = newer(room.lastMessage, message);
  const fresh = !message.system && message.ordinal > room.posts;
  if (!fresh) {
    if (head === room.head && lastMessage === room.lastMessage) return room;
    return { ...room, head, ...(lastMessage ? { lastMessage } : {}) };
  }
  // Any new message shows a hidden room again.
  const base: Room = { ...room, hidden: false, head, posts: message.ordinal, ...(lastMessage ? { lastMessage } : {}) };
  if (message.senderId === meId) {
    return { ...base, readSeq: Math.max(room.readSeq, message.seq), unread: 0, mentions: 0 };
  }
  const mine = message.mentions?.includes(meId) === true && message.deletedAt === undefined;
  return { ...base, unread: room.unread + (message.ordinal - room.posts), mentions: room.mentions + (mine ? 1 : 0) };
}

/** The server's number of unread messages. */
function purged(room: Room, head: number, upTo: number): Room {
  const { lastMessage, ...rest } = room;
  if (lastMessage && lastMessage.seq <= upTo) return { ...rest, head };
  return head === room.head ? room : { ...room, head };
}

function newer(known: Message | undefined, message: Message): Message | undefined {
  if (!known || message.seq > known.seq) return message;
  if (message.id === known.id && message.changedSeq > known.changedSeq) return message;
  return known;
}

/** A room from the server, with newer state of this device. */
export function fresher(known: Room | undefined, read: Room): Room {
  if (!known) return read;
  if (read.head >= known.head) return isAhead(known, read) ? withMarker(known, read) : read;
  const { name: _, topic: __, ...rest } = known;
  return {
    ...rest,
    ...(read.name === undefined ? {} : { name: read.name }),
    ...(read.topic === undefined ? {} : { topic: read.topic }),
    people: read.people,
    memberCount: read.memberCount,
    hidden: read.hidden && read.posts >= known.posts,
  };
}

/** I have read further than the server knows: it does not have my marker yet. */
export function isAhead(known: Room | undefined, read: Room): boolean {
  return known?.myRole !== undefined && read.myRole !== undefined && known.readSeq > read.readSeq;
}

/** Whatever came since is unread; of the mentions it cannot be known which of them I have read. */
function withMarker(known: Room, read: Room): Room {
  const news = read.posts - known.posts;
  const unread = Math.max(0, known.unread + news);
  return { ...read, readSeq: known.readSeq, unread, mentions: Math.min(read.mentions, known.mentions + news, unread) };
}

/**
 * My marker moved to `seq`. `loaded` are the messages that this device has, in order; `undefined`
 * says that the count cannot be known from them, so the server has to be asked.
 */
export function markRead(room: Room, seq: number, loaded: readonly Message[], meId: string): Room | undefined {
  if (seq <= room.readSeq) return room;
  const ordinal = ordinalAt(room, seq, loaded);
  if (ordinal === undefined) return undefined;
  const unread = Math.max(0, room.posts - ordinal);
  const mentions =
    unread === 0
      ? 0
      : Math.min(
          room.mentions,
          loaded.filter((m) => m.seq > seq && m.senderId !== meId && m.mentions?.includes(meId)).length,
        );
  return { ...room, readSeq: seq, unread, mentions };
}

function ordinalAt(room: Room, seq: number, loaded: readonly Message[]): number | undefined {
  if (room.lastMessage && seq >= room.lastMessage.seq) return room.posts;
  const first = loaded[0];
  if (!first || first.seq > seq) return undefined;
  const last = loaded.findLast((message) => message.seq <= seq);
  const next = loaded.find((message) => message.seq > seq);
  return last && next ? last.ordinal : undefined;
}

type Totals = { readonly unread: number; readonly mentions: number };

export function totals(rooms: readonly Room[]): Totals {
  return rooms.reduce(
    (sum, room) => ({ unread: sum.unread + room.unread, mentions: sum.mentions + mentionCount(room) }),
    { unread: 0, mentions: 0 },
  );
}

/** In a direct conversation every message is for me. */
export function mentionCount(room: Room): number {
  return room.kind === 'direct' ? room.unread : room.mentions;
}
