import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lex } from './lex';

const TEXT_MAX = 8000;
const MARKS = [
  '>',
  '> ',
  '- ',
  '1. ',
  '[',
  '![',
  '*',
  '_',
  '`',
  '~',
  '|',
  '<',
  '#',
  '\\',
  '(',
  '\n',
  ' ',
  'a',
  '> - ',
  '@',
];

describe('a text', () => {
  it('that is nested without end stays text', () => {
    for (const text of ['>'.repeat(TEXT_MAX), '> '.repeat(TEXT_MAX / 2), '1. '.repeat(2600), '> - '.repeat(40)]) {
      const tokens = lex(text);
      expect(tokens.map((token) => token.type)).toEqual(['text']);
      expect(tokens[0]?.raw).toBe(text);
    }
  });

  it('of any marks is cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MARKS), fc.constantFrom(...MARKS), fc.constantFrom(...MARKS), (a, b, c) => {
        const text = (a + b + c).repeat(TEXT_MAX / 4).slice(0, TEXT_MAX);
        expect(Array.isArray(lex(text))).toBe(true);
      }),
      { numRuns: 25 },
    );
  }, 30_000);

  it('with the usual nesting is not touched', () => {
    expect(lex('> - **one `two` _three_**\n>   - four')[0]?.type).toBe('blockquote');
  });
});
