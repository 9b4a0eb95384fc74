import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitting, rank, spans } from './match';

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
