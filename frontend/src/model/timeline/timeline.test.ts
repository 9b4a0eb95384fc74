import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { build } from '../builders';
import { append, applyChanges, fromPage, merge, placeOf, prepend, type Timeline, WINDOW_MAX } from './timeline';

const page = (from: number, to: number, hasBefore: boolean, hasAfter: boolean) => ({
  messages: Array.from({ length: to - from + 1 }, (_, i) => build({ seq: from + i })),
  head: to,
  hasBefore,
  hasAfter,
  quoted: [],
  users: [],
});

describe('merge', () => {
  it('keeps order and the higher change, in whatever order rows come', () => {
    const row = fc.record({ seq: fc.integer({ min: 1, max: 30 }), bump: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 80 }), (input) => {
        const rows = input.map(({ seq, bump }) => build({ seq, changedSeq: seq + bump }));
        const out = merge([], rows);
        const seqs = out.map((m) => m.seq);
        expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
        for (const m of out) {
          expect(m.changedSeq).toBe(Math.max(...rows.filter((r) => r.seq === m.seq).map((r) => r.changedSeq)));
        }
        expect(merge(out, rows)).toBe(out);
      }),
    );
  });
  it('finds the place of a number', () => {
    const rows = [2, 4, 6].map((seq) => build({ seq }));
    expect([1, 2, 3, 6, 7].map((seq) => placeOf(rows, seq))).toEqual([0, 0, 1, 2, 3]);
  });
});

describe('a window', () => {
  it('takes new rows only where it reaches', () => {
    const middle: Timeline = fromPage(page(10, 20, true, true));
    expect(applyChanges(middle, [build({ seq: 5 }), build({ seq: 30 })])).toBe(middle);
    const end = fromPage(page(10, 20, true, false));
    expect(applyChanges(end, [build({ seq: 21 })]).messages.at(-1)?.seq).toBe(21);
    const edited = applyChanges(end, [build({ seq: 12, changedSeq: 22, content: 'x' })]);
    expect(edited.messages[2]?.content).toBe('x');
  });
  it('pages through a room of 100,000 in both directions without gaps and without growing', () => {
    const size = 500;
    let timeline = fromPage(page(100_000 - size + 1, 100_000, true, false));
    for (let to = 100_000 - size; to > 90_000; to -= size) {
      timeline = prepend(timeline, page(to - size + 1, to, to > size, true));
      expect(timeline.messages.length).toBeLessThanOrEqual(WINDOW_MAX);
    }
    expect(timeline.hasAfter).toBe(true);
    while (timeline.hasAfter) {
      const last = timeline.messages.at(-1)?.seq ?? 0;
      timeline = append(timeline, page(last + 1, last + size, true, last + size < 100_000));
    }
    const seqs = timeline.messages.map((m) => m.seq);
    expect(seqs.at(-1)).toBe(100_000);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => 100_000 - seqs.length + 1 + i));
    expect(timeline.hasBefore).toBe(true);
  });
});
