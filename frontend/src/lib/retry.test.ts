import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, createBackoff, retry } from './retry';

it('waits longer each time, at most 20 s, never less than half', () => {
  expect(backoffMs(0, 0)).toBe(250);
  expect(backoffMs(0, 1)).toBe(500);
  expect(backoffMs(30, 1)).toBe(20_000);
});

it('begins with the shortest pause again after a success', () => {
  const backoff = createBackoff();
  for (let n = 0; n < 8; n += 1) backoff.nextMs();
  expect(backoff.count()).toBe(8);
  backoff.reset();
  expect(backoff.nextMs()).toBeLessThanOrEqual(500);
});

describe('work that fails', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is repeated until it succeeds', async () => {
    let left = 3;
    const work = vi.fn(async () => {
      left -= 1;
      if (left > 0) throw new Error('not yet');
      return 'done';
    });
    const result = retry(work);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await result).toBe('done');
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('is left where the error is final', async () => {
    const work = vi.fn(() => Promise.reject(new Error('final')));
    await expect(retry(work, { isFinal: () => true })).rejects.toThrow('final');
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('is left where it is not wanted any more, and not begun where it never was', async () => {
    let wanted = true;
    const work = vi.fn(() => Promise.reject(new Error('no')));
    const result = expect(retry(work, { while: () => wanted })).rejects.toThrow('no');
    await vi.advanceTimersByTimeAsync(0);
    wanted = false;
    await vi.advanceTimersByTimeAsync(1000);
    await result;
    expect(work).toHaveBeenCalledTimes(1);
    await expect(retry(work, { while: () => false })).rejects.toThrow();
    expect(work).toHaveBeenCalledTimes(1);
  });
});
