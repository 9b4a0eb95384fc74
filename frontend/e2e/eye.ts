/**
 * The reader's eye: a row of the timeline is looked at, and in every frame that is painted its place
 * is taken down. Positions come from an IntersectionObserver that is made anew for each frame: its
 * first answer is what that frame shows, after all layout, which no script can read otherwise.
 */
import type { Page } from '@playwright/test';

/** What the eye saw since it was opened. */
export type Seen = {
  frames: number;
  /** How far the row under the eye moved, in the frame where it was farthest from where it may be. */
  worst: number;
  /** How far all rows moved since the start, when everything was quiet. */
  moved: number;
  /** Rows in the document, at most. */
  rows: number;
  /** Frames in which nothing was on screen. */
  blank: number;
  notes: string[];
};

declare global {
  interface Window {
    eye: { begin: (distance: number) => void; end: () => Seen };
  }
}

/** To be called before the page loads anything. */
export async function giveEye(page: Page): Promise<void> {
  await page.addInitScript(() => {
    type Place = { key: string; top: number };
    let seen: Seen | undefined;
    let span = { from: 0, to: 0 };
    let anchor: Place | undefined;
    let observer: IntersectionObserver | undefined;
    const list = () => document.querySelector('.tl-list');
    const rows = () => [...document.querySelectorAll<HTMLElement>('.tl-list [data-row]')];

    const look = (entries: IntersectionObserverEntry[]) => {
      const root = list();
      if (!seen || !root) return;
      const edge = root.getBoundingClientRect();
      const places = entries.map((entry) => ({
        key: (entry.target as HTMLElement).dataset['row'] ?? '',
        top: entry.boundingClientRect.top - edge.top,
        bottom: entry.boundingClientRect.bottom - edge.top,
      }));
      seen.frames += 1;
      seen.rows = Math.max(seen.rows, places.length);
      const shown = places.filter((place) => place.bottom > 0 && place.top < edge.height);
      if (shown.length === 0) seen.blank += 1;
      const now = anchor && places.find((place) => place.key === anchor?.key);
      if (anchor && now) {
        // Wherever the input lets the row be, from not yet moved to moved all the way, is right.
        const by = seen.moved + now.top - anchor.top;
        const off = Math.max(Math.min(span.from, span.to) - by, by - Math.max(span.from, span.to), 0);
        if (off > 1) seen.notes.push(`frame ${seen.frames}: ${anchor.key} is ${off} px from where it may be (${by})`);
        seen.worst = Math.max(seen.worst, off);
        seen.moved = by;
      } else if (anchor) {
        seen.notes.push(`frame ${seen.frames}: the row under the eye is gone`);
        seen.worst = Number.POSITIVE_INFINITY;
      }
      const middle = edge.height / 2;
      const next = shown.find((place) => place.bottom > middle) ?? shown.at(-1);
      anchor = next && { key: next.key, top: next.top };
    };
    const frame = () => {
      observer?.disconnect();
      if (!seen) return;
      observer = new IntersectionObserver(look, { root: list() });
      for (const row of rows()) observer.observe(row);
      requestAnimationFrame(frame);
    };
    window.eye = {
      begin: (distance) => {
        seen = { frames: 0, worst: 0, moved: 0, rows: 0, blank: 0, notes: [] };
        span = { from: 0, to: distance };
        anchor = undefined;
        requestAnimationFrame(frame);
      },
      end: () => {
        const out = seen;
        seen = undefined;
        observer?.disconnect();
        return out ?? { frames: 0, worst: 0, moved: 0, rows: 0, blank: 0, notes: [] };
      },
    };
  });
}

/** Watches while `act` runs; the rows may move by `distance` px in all (negative is upwards). */
export async function watched(page: Page, distance: number, act: () => Promise<void>): Promise<Seen> {
  await page.evaluate(async (by) => {
    window.eye.begin(by);
    // The place of the first row is known before anything happens.
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, distance);
  await act();
  return page.evaluate(() => window.eye.end());
}

/** Waits until rows and place did not change for some frames, and nothing is loading. */
export async function quiet(page: Page, frames = 6): Promise<void> {
  await page.evaluate(async (wanted) => {
    const state = () => {
      const list = document.querySelector('.tl-list');
      const row = list?.querySelector('[data-row]') as HTMLElement | null;
      return `${list?.scrollTop} ${list?.scrollHeight} ${row?.dataset['row']} ${list?.ariaBusy}`;
    };
    let before = '';
    for (let same = 0; same < wanted; ) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = state();
      same = now === before && !now.endsWith('true') ? same + 1 : 0;
      before = now;
    }
  }, frames);
}
