import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { build, buildRoom } from './builders';
import { insertMention, isForMe, openMention, splitMentions } from './mention';

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
