import { describe, expect, it } from 'vitest';
import { wordsOf } from '../lib/i18n';
import type { Code } from './contract';
import { explain } from './explain';
import { Rejected } from './problem';

const CODES: Code[] = ['invalidValue', 'originRefused', 'clientIdReused', 'userNotFound', 'unauthenticated'];

describe('a refusal', () => {
  it('is never explained in the server’s English to whoever reads Japanese', () => {
    for (const code of CODES) {
      const problem = { code, status: 400, title: 'No', detail: 'The value is wrong.' };
      expect(explain(new Rejected(problem), wordsOf('ja')).text, code).toMatch(/[ぁ-ん]/);
    }
  });
});
