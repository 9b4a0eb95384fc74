import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff';
import { build, buildRoom } from './builders';
import { fitting, rank, spans } from './match';
import { insertMention, isForMe, openMention, splitMentions } from './mention';
import { expired, heard, stopped, toWatch } from './presence';
import { facesOf, moveMarker } from './receipt';

describe('mentions', () => {
  it('open after a space or at the start, not inside an address', () => {
    expect(openMention('hi @mi', 6)).toEqual({ start: 3, query: 'mi' });
    expect(openMention('@', 1)).toEqual({ start: 0, query: '' });
    expect(openMention('mika@exam', 9)).toBeUndefined();
  });
  it('are put in with a space behind', () => {
    const mention = openMention('hi @mi there', 6);
    expect(mention && insertMention('hi @mi there', 6, mention, 'mika')).toEqual({ text: 'hi @mika there', caret: 9 });
  });
  it('leave the full stop to the sentence, and addresses alone', () => {
    expect(splitMentions('ask @mika.arai. or a@b.example')).toEqual([
      { text: 'ask ' },
      { text: '@mika.arai', name: 'mika.arai' },
      { text: '. or a@b.example' },
    ]);
  });
  it('never lose a character', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(
          splitMentions(text)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});

describe('finding', () => {
  it('ranks the start above a word above the inside', () => {
    expect(['noto', 'the noto', 'piano', 'x'].map((text) => rank(text, 'no'))).toEqual([3, 2, 1, 0]);
  });
  it('cuts without losing anything', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, query) => {
        expect(
          spans(text, query)
            .map((span) => span.text)
            .join(''),
        ).toBe(text);
      }),
    );
  });
});

describe('people found for fewer letters', () => {
  const user = (username: string) => ({ id: username, username, displayName: username });
  const found = { query: 'quillon', users: [user('quillon'), user('quillonette')] };
  it('are left only where the letters of now name them', () => {
    expect(fitting(found, 'quillonet').map((u) => u.id)).toEqual(['quillonette']);
    expect(fitting(found, 'quillon')).toBe(found.users);
    expect(fitting(found, '')).toEqual([]);
  });
});

describe('messages for me', () => {
  const mine = build({ seq: 5, mentions: ['me'] });
  it('are unread ones that name me, or any in a direct conversation', () => {
    expect(isForMe(mine, buildRoom(), 'me')).toBe(true);
    expect(isForMe(mine, buildRoom({ readSeq: 5 }), 'me')).toBe(false);
    expect(isForMe(build({ seq: 5 }), buildRoom(), 'me')).toBe(false);
    expect(isForMe(build({ seq: 5 }), buildRoom({ kind: 'direct' }), 'me')).toBe(true);
    expect(isForMe({ ...mine, deletedAt: 'now' }, buildRoom(), 'me')).toBe(false);
  });
});

describe('who is watched', () => {
  const ids = (name: string, n: number) => Array.from({ length: n }, (_, i) => `${name}${i}`);
  it('are partners and members, however many there are of either', () => {
    const both = toWatch(ids('p', 300), ids('m', 900), 200);
    expect(both).toHaveLength(200);
    expect([both[0], both[99], both[100], both[199]]).toEqual(['p0', 'p99', 'm0', 'm99']);
    expect(toWatch(ids('p', 3), ids('m', 900), 200).slice(0, 4)).toEqual(['p0', 'p1', 'p2', 'm0']);
    expect(toWatch(ids('p', 300), ids('m', 2), 200).slice(197)).toEqual(['p197', 'm0', 'm1']);
  });
  it('are watched once', () => {
    expect(toWatch(['a', 'b'], ['b', 'c'], 200)).toEqual(['a', 'b', 'c']);
  });
});

describe('typing', () => {
  it('ends by time, or with the message', () => {
    const typing = heard([], { roomId: 'r', userId: 'u' }, 0);
    expect(expired(typing, 4999)).toBe(typing);
    expect(expired(typing, 5000)).toEqual([]);
    expect(stopped(typing, 'r', ['u'])).toEqual([]);
  });
});

describe('receipts', () => {
  const user = (id: string) => ({ id, username: id, displayName: id });
  const member = (id: string, readSeq: number) => ({ user: user(id), role: 'member' as const, readSeq, joinedAt: '' });
  it('rest on the last of mine that was read', () => {
    const mine = [1, 2, 3].map((seq) => build({ seq, senderId: 'me' }));
    const faces = facesOf(mine, [member('a', 2), member('b', 9), member('c', 0), member('me', 9)], 'me');
    expect([...faces].map(([id, who]) => [id, who.map((m) => m.user.id)])).toEqual([
      ['r-2', ['a']],
      ['r-3', ['b']],
    ]);
  });
  it('never go back', () => {
    const members = [member('a', 5)];
    expect(moveMarker(members, 'a', 3)).toBe(members);
    expect(moveMarker(members, 'a', 6)[0]?.readSeq).toBe(6);
  });
});

it('waits longer each time, at most 20 s, never less than half', () => {
  expect(backoffMs(0, 0)).toBe(250);
  expect(backoffMs(0, 1)).toBe(500);
  expect(backoffMs(30, 1)).toBe(20_000);
});
