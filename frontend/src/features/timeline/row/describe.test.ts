import { expect, it } from 'vitest';
import { wordsOf } from '../../../lib/i18n';
import { joinNames } from './describe';

const NAMES = ['Ann', 'Bo', 'Cy', 'Di', 'Ed', 'Flo', 'Gus', 'Hal', 'Ida', 'Jo'];

it('names the first few and counts the others', () => {
  const en = wordsOf('en');
  expect(joinNames(NAMES.slice(0, 1), en)).toBe('Ann');
  expect(joinNames(NAMES.slice(0, 3), en)).toBe('Ann, Bo and Cy');
  expect(joinNames(NAMES.slice(0, 9), en)).toBe('Ann, Bo, Cy, Di, Ed, Flo, Gus, Hal and 1 other');
  expect(joinNames(NAMES, wordsOf('ja'))).toBe('Ann、Bo、Cy、Di、Ed、Flo、Gus、Halとほか2人');
});
