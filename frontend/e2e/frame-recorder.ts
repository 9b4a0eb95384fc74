/**
 * Records each painted frame of the timeline: a row is looked at, and its place is taken down. Positions come from an
 * IntersectionObserver that is made anew for each frame: its first answer is what that frame shows, after all layout,
 * which no script can read otherwise.
 */
import type { Page } from '@playwright/test';

/** What was recorded since the beginning. */
export type Recorded = {
  frames: number;
  /** How far the row that is looked at moved, in the frame where it was farthest from where it may be. */
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
    frameRecorder: { begin: (distance: number) => void; end: () => Recorded };
  }
}

/** To be called before the page loads anything. */
export async function addFrameRecorder(page: Page): Promise<void> {
  await page.addInitScript(install);
}

/** Runs in the page, so it stands for itself. */
function install(): void {
  const nothing = (): Recorded => ({ frames: 0, worst: 0, moved: 0, rows: 0, blank: 0, notes: [] });
  let seen: Recorded | undefined;
  let span = { from: 0, to: 0 };
  let anchor: { key: string; top: number } | undefined;
  let observer: IntersectionObserver | undefined;
  const list = () => document.querySelector('.tl-list');

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
      seen.notes.push(`frame ${seen.frames}: the row that is looked at is gone`);
      seen.worst = Number.POSITIVE_INFINITY;
    }
    const next = shown.find((place) => place.bottom > edge.height / 2) ?? shown.at(-1);
    anchor = next && { key: next.key, top: next.top };
  };
  const frame = () => {
    observer?.disconnect();
    if (!seen) return;
    observer = new IntersectionObserver(look, { root: list() });
    for (const row of document.querySelectorAll('.tl-list [data-row]')) observer.observe(row);
    requestAnimationFrame(frame);
  };
  const begin = (distance: number) => {
    seen = nothing();
    span = { from: 0, to: distance };
    anchor = undefined;
    requestAnimationFrame(frame);
  };
  const end = () => {
    const out = seen ?? nothing();
    seen = undefined;
    observer?.disconnect();
    return out;
  };
  window.frameRecorder = { begin, end };
}

/** Watches while `act` runs; the rows may move by `distance` px in all (negative is upwards). */
export async function watched(page: Page, distance: number, act: () => Promise<void>): Promise<Recorded> {
  await page.evaluate(async (by) => {
    window.frameRecorder.begin(by);
    // The place of the first row is known before anything happens.
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, distance);
  await act();
  return page.evaluate(() => window.frameRecorder.end());
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
