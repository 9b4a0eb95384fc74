import { expect, it } from 'vitest';
import { whenInSentence } from './time';

it('a time goes into a sentence', () => {
  const now = new Date(2026, 10, 20, 12, 0).getTime();
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).toISOString();
  const said = (iso: string) => whenInSentence(iso, 'en', now);
  expect(said(at(20, 11, 48))).toBe('12 min ago');
  expect(said(at(20, 8, 30))).toBe('today, 8:30');
  expect(said(at(19, 8))).toBe('yesterday');
  expect(said(at(16, 8))).toBe('on Monday');
  expect(said(at(3, 8))).toBe('on 3 November');
  expect(whenInSentence(at(19, 8), 'ja', now)).toBe('昨日');
});
