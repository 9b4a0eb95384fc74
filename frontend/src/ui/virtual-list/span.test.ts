import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, heightBetween, rowAt, spanAround, type View } from './span';

const views = fc
  .record({ heights: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 60 }), screen: fc.nat(900) })
  .map(({ heights, screen }): View => ({ count: heights.length, heightOf: (i) => heights[i] ?? 0, screen }));
const margins = fc.nat(1200);

describe('the rows that are drawn', () => {
  it('fill the screen and the margin around a row that is held', () => {
    fc.assert(
      fc.property(views, fc.nat(59), fc.integer({ min: -400, max: 900 }), margins, (view, at, top, margin) => {
        const index = at % view.count;
        const { from, to } = spanAround(view, { index, top }, margin);
        const first = top - heightBetween(view, from, index);
        const last = top + heightBetween(view, index, to);
        expect(from === 0 || first <= -margin).toBe(true);
        expect(to === view.count || last >= view.screen + margin).toBe(true);
      }),
    );
  });

  it('fill the screen from the end', () => {
    fc.assert(
      fc.property(views, margins, (view, margin) => {
        const { from, to } = spanAround(view, 'end', margin);
        expect(to).toBe(view.count);
        expect(from === 0 || heightBetween(view, from, to) >= view.screen + margin).toBe(true);
      }),
    );
  });

  it('cover what a smaller margin needs', () => {
    fc.assert(
      fc.property(views, margins, margins, (view, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)];
        expect(covers(spanAround(view, 'end', large), spanAround(view, 'end', small))).toBe(true);
      }),
    );
  });
});

it('a place in the list is a row', () => {
  fc.assert(
    fc.property(views, fc.nat(60_000), (view, wish) => {
      const distance = Math.min(wish, heightBetween(view, 0, view.count) - 1);
      const { index, top } = rowAt(view, distance);
      expect(heightBetween(view, 0, index)).toBe(distance + top);
      expect(top).toBeLessThanOrEqual(0);
      expect(top + view.heightOf(index)).toBeGreaterThan(0);
    }),
  );
});
