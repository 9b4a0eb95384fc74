import { describe, expect, it } from 'vitest';
import { confirmed, NO_MARKERS, want } from './marker';

describe('markers on their way', () => {
  it('are one for each room, and the highest', () => {
    const markers = want(want(want(NO_MARKERS, 'a', 3), 'b', 5), 'a', 2);
    expect([...markers.wanted]).toEqual([
      ['a', 3],
      ['b', 5],
    ]);
  });
  it('stay where a higher one came meanwhile', () => {
    const markers = confirmed(want(want(NO_MARKERS, 'a', 3), 'a', 7), 'a', 3);
    expect([...markers.wanted]).toEqual([['a', 7]]);
  });
  it('are not sent again', () => {
    const markers = confirmed(want(NO_MARKERS, 'a', 3), 'a', 3);
    expect(want(markers, 'a', 3)).toBe(markers);
  });
});
