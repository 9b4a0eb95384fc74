import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { build, buildRoom } from '../builders';
import { isListed } from './room';
import { applyToRoom, fresher, markRead, mentionCount } from './unread';

const ME = 'me';

describe('unread', () => {
  it('is posts less the ordinal at my marker, however often rows come', () => {
    const author = fc.constantFrom(ME, 'other');
    fc.assert(
      fc.property(fc.array(author, { maxLength: 40 }), fc.array(fc.nat(39), { maxLength: 20 }), (authors, again) => {
        const rows = authors.map((senderId, i) => build({ seq: i + 1, senderId }));
        let room = buildRoom();
        for (const row of rows) room = applyToRoom(room, [row], ME);
        const once = room;
        for (const i of again) if (rows[i]) room = applyToRoom(room, [rows[i]], ME);
        expect(room).toBe(once);
        expect(room.posts).toBe(rows.length);
        expect(room.unread).toBe(rows.length - (authors.lastIndexOf(ME) + 1));
      }),
    );
  });
  it('counts mentions of me once, and my own message clears them', () => {
    const mention = build({ seq: 1, mentions: [ME] });
    const room = applyToRoom(applyToRoom(buildRoom(), [mention], ME), [mention], ME);
    expect(room).toMatchObject({ unread: 1, mentions: 1 });
    expect(applyToRoom(room, [build({ seq: 2, senderId: ME })], ME)).toMatchObject({
      unread: 0,
      mentions: 0,
      readSeq: 2,
    });
  });
  it('does not count what the house says', () => {
    const joined = build({ seq: 1, ordinal: 0, system: { type: 'joined', userIds: ['x'] } });
    expect(applyToRoom(buildRoom(), [joined], ME).unread).toBe(0);
  });
  it('counts all of a direct conversation as meant for me', () => {
    expect(mentionCount(buildRoom({ kind: 'direct', unread: 3, mentions: 0 }))).toBe(3);
  });
});

describe('a hidden conversation', () => {
  const hidden = buildRoom({ kind: 'direct', hidden: true, head: 5, posts: 4 });
  it('comes back with the next message, mine too, and with nothing else', () => {
    const edited = build({ seq: 3, changedSeq: 6, ordinal: 3 });
    expect(applyToRoom(hidden, [edited], ME)).toMatchObject({ head: 6, hidden: true });
    for (const senderId of [ME, 'other']) {
      expect(applyToRoom(hidden, [build({ seq: 6, ordinal: 5, senderId })], ME).hidden).toBe(false);
    }
  });
  it('is what the server says, except where somebody has posted since', () => {
    const shown = { ...hidden, hidden: false };
    expect(fresher(shown, hidden).hidden).toBe(true);
    expect(fresher(hidden, shown).hidden).toBe(false);
    expect(fresher({ ...shown, head: 6 }, hidden).hidden).toBe(true);
    expect(fresher({ ...shown, head: 6, posts: 5 }, hidden).hidden).toBe(false);
  });
  it('is in no list', () => {
    expect([hidden, { ...hidden, hidden: false }].map(isListed)).toEqual([false, true]);
  });
});

describe('my marker', () => {
  const rows = [1, 2, 3, 4].map((seq) => build({ seq, mentions: seq === 4 ? [ME] : [] }));
  const room = applyToRoom(buildRoom(), rows, ME);
  it('at the end leaves nothing unread', () => {
    expect(markRead(room, 4, rows, ME)).toMatchObject({ unread: 0, mentions: 0, readSeq: 4 });
  });
  it('in between leaves the rest', () => {
    expect(markRead(room, 2, rows, ME)).toMatchObject({ unread: 2, mentions: 1, readSeq: 2 });
  });
  it('does not go back', () => {
    const read = markRead(room, 4, rows, ME);
    expect(read && markRead(read, 2, rows, ME)).toBe(read);
  });
  it('asks the server where it cannot know', () => {
    expect(markRead(room, 2, [], ME)).toBeUndefined();
  });
});

describe('a room that is read again', () => {
  const member = { myRole: 'member' as const };
  it('shows what came since, where my marker is not at the server yet', () => {
    const known = buildRoom({ ...member, head: 8, posts: 8, readSeq: 8, unread: 0 });
    const read = buildRoom({ ...member, head: 11, posts: 11, readSeq: 2, unread: 9, mentions: 4 });
    expect(fresher(known, read)).toMatchObject({ readSeq: 8, unread: 3, mentions: 3, posts: 11 });
  });
  it('is the server’s where that knows my marker', () => {
    const known = buildRoom({ ...member, head: 8, posts: 8, readSeq: 5, unread: 3 });
    const read = buildRoom({ ...member, head: 8, posts: 8, readSeq: 8 });
    expect(fresher(known, read)).toBe(read);
  });
  it('keeps the counts of this device where that is ahead', () => {
    const known = buildRoom({ ...member, head: 9, posts: 9, readSeq: 4, unread: 5, name: 'old' });
    expect(fresher(known, buildRoom({ ...member, head: 7, name: 'new' }))).toMatchObject({ unread: 5, name: 'new' });
  });
});
