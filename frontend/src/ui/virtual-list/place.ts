/**
 * Where somebody is in a long list, and how that place is kept while rows come, go and change their
 * height. The place is a row and its distance from the top of the screen, or the end of the list;
 * after every change it is put back before the frame is painted.
 */
import { type Anchor, covers, heightBetween, rowAt, type Span, spanAround, type View } from './span';

/** Drawn around the screen, and what may be left of it before more is drawn. */
const MARGIN_PX = 1000;
const NEEDED_PX = 350;
/** Until the first rows are measured. */
const GUESS_PX = 48;
/** As near as this is at the end: nobody can see the difference. */
const END_PX = 2;
const SLACK_PX = 0.6;
const FORGET_ABOVE = 6000;

/** A wish, until the row is drawn and measured; from then on a distance. */
export type Wish = 'start' | 'center' | 'nearest' | number;

type Held = { readonly key: string; readonly top: Wish };

export class Place {
  /** The first that is still in the list counts. */
  private held: readonly Held[] | 'end' = 'end';
  private readonly heights = new Map<string, number>();
  private sum = 0;
  private keys: readonly string[] = [];
  private indexes: ReadonlyMap<string, number> = new Map();
  private drawn: Span = { from: 0, to: 0 };
  private above = 0;
  private lastTop = 0;
  private focused = false;
  private box: HTMLElement | undefined;
  /** Whether the last row is the newest there is; only then the end is followed. */
  open = true;

  enter(box: HTMLElement | undefined): void {
    this.box = box;
  }

  /** What to draw of these rows, with the space above and below it. */
  take(keys: readonly string[], indexes: ReadonlyMap<string, number>): { span: Span; above: number; below: number } {
    this.focused = this.box?.contains(document.activeElement) ?? false;
    const same = keys === this.keys;
    this.keys = keys;
    this.indexes = indexes;
    const anchor = this.anchor();
    if (!same || !covers(this.drawn, this.needed(anchor))) {
      this.forget();
      this.drawn = spanAround(this.view(), anchor, MARGIN_PX);
      this.above = heightBetween(this.view(), 0, this.drawn.from);
    }
    const below = heightBetween(this.view(), this.drawn.to, this.keys.length);
    return { span: this.drawn, above: this.above, below };
  }

  /** Goes to the end, or to a row. */
  go(to: 'end' | { key: string; top: Wish }): void {
    this.held = to === 'end' ? 'end' : [to];
  }

  /** Measures what is drawn and puts everything back into its place; answers whether more must be drawn. */
  settle(): boolean {
    const { box } = this;
    if (!box || box.clientHeight === 0) return false;
    // A row that had the focus and is no longer drawn leaves it to the list, whose keys go on working.
    if (this.focused && document.activeElement === document.body) box.focus({ preventScroll: true });
    for (const el of this.elements()) this.measure(el);
    const anchor = this.anchor();
    if (anchor !== 'end' && (anchor.index < this.drawn.from || anchor.index >= this.drawn.to)) return true;
    this.restore(box);
    this.lastTop = box.scrollTop;
    return !covers(this.drawn, this.needed(this.anchor()));
  }

  /** Somebody scrolled, or we did. Answers whether the place is another one, and whether more must be drawn. */
  scrolled(): { moved: boolean; more: boolean } {
    const { box } = this;
    if (!box) return { moved: false, more: false };
    const up = box.scrollTop < this.lastTop - 1;
    this.lastTop = box.scrollTop;
    const before = this.held;
    if (this.open && (this.distance() <= END_PX || (before === 'end' && !up))) this.held = 'end';
    else this.held = this.look(box);
    return { moved: this.hasMoved(box, before), more: !covers(this.drawn, this.needed(this.anchor())) };
  }

  /** Pixels to the end of the list. */
  distance(): number {
    const { box } = this;
    return box ? box.scrollHeight - box.scrollTop - box.clientHeight : 0;
  }

  /** Is the newest row looked at, or so near that it can be; not while there is another wish. */
  isAtEnd(nearPx: number): boolean {
    if (!this.open) return false;
    if (this.held === 'end') return true;
    return typeof this.held[0]?.top === 'number' && this.distance() <= nearPx;
  }

  /** Index of the first row on the screen. */
  first(): number {
    const { box } = this;
    const edge = box?.getBoundingClientRect().top ?? 0;
    const el = this.elements().find((row) => row.getBoundingClientRect().bottom > edge + 1);
    return (el && this.indexes.get(keyOf(el))) ?? 0;
  }

  private view(): View {
    const guess = this.heights.size === 0 ? GUESS_PX : this.sum / this.heights.size;
    return {
      count: this.keys.length,
      heightOf: (index) => this.heights.get(this.keys[index] ?? '') ?? guess,
      screen: this.box?.clientHeight ?? window.innerHeight,
    };
  }

  private needed(anchor: Anchor): Span {
    return spanAround(this.view(), anchor, NEEDED_PX);
  }

  private anchor(): Anchor {
    const held = this.standing();
    if (!held) return 'end';
    const index = this.indexes.get(held.key) ?? 0;
    const view = this.view();
    return { index, top: this.topFor(held.top, view.heightOf(index), view.screen) };
  }

  /** What is held and still there. */
  private standing(): Held | undefined {
    return this.held === 'end' ? undefined : this.held.find((held) => this.indexes.has(held.key));
  }

  private topFor(wish: Wish, height: number, screen: number): number {
    if (wish === 'start') return Math.min(48, screen / 4);
    if (wish === 'center') return Math.max(0, (screen - height) / 2);
    return wish === 'nearest' ? 0 : wish;
  }

  private restore(box: HTMLElement): void {
    const held = this.standing();
    const el = held && this.elements().find((row) => keyOf(row) === held.key);
    if (!held || !el) {
      this.held = 'end';
      box.scrollTop = box.scrollHeight;
      return;
    }
    const edge = box.getBoundingClientRect().top;
    const { top, height } = el.getBoundingClientRect();
    const now = top - edge;
    const inside = now >= 0 && now + height <= box.clientHeight;
    const below = Math.max(0, box.clientHeight - height);
    const nearest = inside ? now : now < 0 ? 0 : below;
    const wanted = held.top === 'nearest' ? nearest : this.topFor(held.top, height, box.clientHeight);
    if (Math.abs(now - wanted) <= SLACK_PX && typeof held.top === 'number') {
      // Found by guessing, before its neighbours were drawn: now they can be seen.
      if (this.held.length === 1) this.held = this.look(box);
      return;
    }
    box.scrollTop += now - wanted;
    // Start or end of the list may have stopped it: then it is held where it is.
    const reached = el.getBoundingClientRect().top - edge;
    if (Math.abs(reached - wanted) < 1) this.nudge(wanted - reached);
    if (Math.abs(reached - wanted) > 1 || typeof held.top !== 'number') this.held = this.look(box);
    if (this.open && this.distance() <= END_PX) this.held = 'end';
  }

  /** A list scrolls by whole pixels, rows have parts of them: what is left over goes into the space above. */
  private nudge(by: number): void {
    const space = this.box?.querySelector<HTMLElement>(':scope > div > div');
    if (space && !space.dataset['key'])
      space.style.height = `${Math.max(0, space.getBoundingClientRect().height + by)}px`;
  }

  /** The rows on the screen: first those that are whole. Where nothing is drawn, the one that should be. */
  private look(box: HTMLElement): readonly Held[] {
    const edge = box.getBoundingClientRect().top;
    const places = this.elements().map((el) => {
      const { top, bottom } = el.getBoundingClientRect();
      return { key: keyOf(el), top: top - edge, bottom: bottom - edge };
    });
    const shown = places.filter((place) => place.bottom > 0 && place.top < box.clientHeight);
    if (shown.length > 0) {
      // The first row of all comes last: it loses its day and its head when others come in before it.
      const first = this.keys[0];
      const order = (p: Held & { top: number }) => (p.key === first ? 2 : p.top < 0 ? 1 : 0);
      return shown.sort((a, b) => order(a) - order(b) || a.top - b.top);
    }
    const { index, top } = rowAt(this.view(), box.scrollTop);
    return [{ key: this.keys[index] ?? '', top }];
  }

  private hasMoved(box: HTMLElement, before: readonly Held[] | 'end'): boolean {
    if (before === 'end' || this.held === 'end') return before !== this.held;
    const old = before.find((held) => typeof held.top === 'number');
    const el = old && this.elements().find((row) => keyOf(row) === old.key);
    if (!old || !el) return true;
    const now = el.getBoundingClientRect().top - box.getBoundingClientRect().top;
    return Math.abs(now - Number(old.top)) > 1;
  }

  private measure(el: HTMLElement): void {
    const key = keyOf(el);
    const { height } = el.getBoundingClientRect();
    this.sum += height - (this.heights.get(key) ?? 0);
    this.heights.set(key, height);
  }

  /** Heights of rows that left the list long ago. */
  private forget(): void {
    if (this.heights.size <= FORGET_ABOVE) return;
    for (const [key, height] of this.heights) {
      if (this.indexes.has(key)) continue;
      this.heights.delete(key);
      this.sum -= height;
    }
  }

  private elements(): HTMLElement[] {
    return [...(this.box?.querySelectorAll<HTMLElement>(':scope > div > [data-key]') ?? [])];
  }
}

function keyOf(el: HTMLElement): string {
  return el.dataset['key'] ?? '';
}
