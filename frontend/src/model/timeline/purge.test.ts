import { describe, expect, it } from 'vitest';
import { build, buildRoom } from '../builders';
import { applyToRoom } from '../room/unread';
import { purgedUpTo, withoutPurged } from './purge';
import { buildRows } from './row';
import { applyChanges, fromPage } from './timeline';

const purge = (seq: number, upTo: number) =>
  build({ seq, ordinal: 0, senderId: '0', system: { type: 'purged', upTo }, createdAt: '2026-06-01T00:00:00Z' });
const rows = [1, 2, 3, 4].map((seq) => build({ seq, createdAt: '2026-05-01T00:00:00Z' }));
const page = { messages: rows, head: 4, hasBefore: true, hasAfter: false, quoted: [], users: [] };

describe('a purge', () => {
  it('takes what is not above it out of the window, and there is nothing before', () => {
    const left = applyChanges(fromPage(page), [purge(5, 2)]);
    expect(left.messages.map((m) => m.seq)).toEqual([3, 4, 5]);
    expect(left.hasBefore).toBe(false);
  });
  it('leaves alone a window that lies above it', () => {
    const left = applyChanges(fromPage({ ...page, messages: rows.slice(2) }), [purge(5, 1)]);
    expect(left.messages.map((m) => m.seq)).toEqual([3, 4, 5]);
    expect(left.hasBefore).toBe(true);
  });
  it('is told once, at the beginning of what is left, on the day of what follows', () => {
    const messages = [...rows.slice(2), purge(5, 1), purge(6, 2)];
    const input = { messages, pending: [], meId: 'me', waterline: false, dayOf: (iso: string) => iso.slice(0, 10) };
    const shown = buildRows({ ...input, hasBefore: false });
    expect(shown.map((row) => row.message?.seq)).toEqual([6, 3, 4]);
    expect(shown.filter((row) => row.day)).toHaveLength(1);
    expect(buildRows({ ...input, hasBefore: true }).map((row) => row.message?.seq)).toEqual([3, 4]);
  });
  it('is no news in the list, and what it took is not shown there', () => {
    const room = applyToRoom(buildRoom(), rows, 'me');
    expect(applyToRoom(room, [purge(5, 2)], 'me')).toMatchObject({ head: 5, lastMessage: { seq: 4 } });
    const empty = applyToRoom(room, [purge(5, 4)], 'me');
    expect(empty.lastMessage).toBeUndefined();
    expect(applyToRoom(empty, [purge(5, 4)], 'me')).toBe(empty);
  });
  it('takes the text out of quotes of that room', () => {
    const [first, , , last] = rows;
    if (!first || !last) throw new Error('there are four');
    const quoted = { [first.id]: first, [last.id]: last };
    const left = withoutPurged(quoted, first.roomId, purgedUpTo([purge(5, 2)]));
    expect(left[first.id]).toMatchObject({ content: '', deletedAt: first.createdAt });
    expect(left[last.id]).toBe(last);
    expect(withoutPurged(quoted, 'another', 2)).toEqual(quoted);
  });
});
