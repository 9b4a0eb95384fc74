import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff';
import { build } from './builders';
import { rank, spans } from './match';
import { insertMention, openMention, splitMentions } from './mention';
import { expired, heard, stopped } from './presence';
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
