/** Which rows of a long list are drawn: enough to fill the screen and a margin around it. */

/** From the first to before the last. */
export type Span = { readonly from: number; readonly to: number };

export type View = {
  readonly count: number;
  readonly heightOf: (index: number) => number;
  readonly screen: number;
};

/** What stays where it is: the end of the list, or a row at a distance from the top of the screen. */
export type Anchor = 'end' | { readonly index: number; readonly top: number };

export function spanAround(view: View, anchor: Anchor, margin: number): Span {
  const { count, heightOf, screen } = view;
  const start = anchor === 'end' ? count : Math.min(anchor.index, count);
  let [from, to] = [start, start];
  let top = anchor === 'end' ? screen : anchor.top;
  let bottom = top;
  while (to < count && bottom < screen + margin) {
    bottom += heightOf(to);
    to += 1;
  }
  while (from > 0 && top > -margin) {
    from -= 1;
    top -= heightOf(from);
  }
  // A list that ends on the screen is drawn upwards from there.
  const missing = screen + margin - bottom;
  for (let room = missing; from > 0 && room > 0; room -= heightOf(from)) from -= 1;
  return { from, to };
}

export function covers(drawn: Span, needed: Span): boolean {
  return drawn.from <= needed.from && drawn.to >= needed.to;
}

/** Height of the rows from one to before another. */
export function heightBetween(view: View, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += view.heightOf(i);
  return sum;
}

/** The row at a distance from the start of the list, and how far below that its top is (0 or less). */
export function rowAt(view: View, distance: number): { index: number; top: number } {
  let top = -distance;
  let index = 0;
  while (index < view.count - 1 && top + view.heightOf(index) <= 0) {
    top += view.heightOf(index);
    index += 1;
  }
  return { index, top };
}
