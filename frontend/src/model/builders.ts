/** Messages and rooms for the tests of the model. */
import type { Message, Room } from '../api/contract';

export function build(part: Partial<Message> & { seq: number }): Message {
  const { seq } = part;
  return {
    id: `r-${seq}`,
    roomId: 'r',
    changedSeq: seq,
    ordinal: seq,
    senderId: 'other',
    content: `message ${seq}`,
    createdAt: new Date(Date.UTC(2026, 0, 1, 12, 0, seq)).toISOString(),
    ...part,
  };
}

export function buildRoom(part: Partial<Room> = {}): Room {
  return {
    id: 'r',
    kind: 'group',
    alias: 'chat_a_b_0001',
    history: 'all',
    head: 0,
    posts: 0,
    memberCount: 2,
    people: [],
    myRole: 'member',
    readSeq: 0,
    unread: 0,
    mentions: 0,
    hidden: false,
    createdAt: '2026-01-01T00:00:00Z',
    ...part,
  };
}
