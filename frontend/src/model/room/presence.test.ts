import { describe, expect, it } from 'vitest';
import { expired, startTyping, stopped, toWatch } from './presence';

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
    const typing = startTyping([], { roomId: 'r', userId: 'u' }, 0);
    expect(expired(typing, 4999)).toBe(typing);
    expect(expired(typing, 5000)).toEqual([]);
    expect(stopped(typing, 'r', ['u'])).toEqual([]);
  });
});
