/**
 * Who is at the end of a room stays there when rows or the window change their height: a message,
 * a banner, a typed line, a waterline. Only scrolling up leaves the end.
 */
import { useCallback, useRef, useState } from 'react';
import type { Store } from '../../lib/store';

const END_PX = 60;

type Now = {
  readonly hasAfter: boolean;
  /** The list was opened at some other place than its end. */
  readonly elsewhere: boolean;
  /** Index of the first row on screen, for those who want it. */
  readonly top: Store<number>;
};

type End = {
  readonly scroller: (el: HTMLElement | Window | null) => void;
  readonly grown: () => void;
  readonly atEnd: boolean;
};

export function useStickToEnd(now: Now): End {
  const box = useRef<HTMLElement | null>(null);
  const stuck = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const latest = useRef(now);
  latest.current = now;
  const stop = useRef<() => void>(() => undefined);

  const look = useCallback((el: HTMLElement) => {
    latest.current.top.set(() => topIndexOf(el));
    setAtEnd(stuck.current || distance(el) <= END_PX);
  }, []);
  const grown = useCallback(() => {
    const el = box.current;
    if (!el) return;
    if (stuck.current) el.scrollTop = el.scrollHeight;
    look(el);
  }, [look]);
  const scroller = useCallback(
    (el: HTMLElement | Window | null) => {
      stop.current();
      if (!(el instanceof HTMLElement)) return;
      box.current = el;
      stuck.current = !latest.current.elsewhere && !latest.current.hasAfter;
      let last = el.scrollTop;
      const onScroll = () => {
        if (distance(el) <= END_PX) stuck.current = !latest.current.hasAfter;
        else if (el.scrollTop < last - 1) stuck.current = false;
        last = el.scrollTop;
        look(el);
      };
      const observer = new ResizeObserver(grown);
      observer.observe(el);
      el.addEventListener('scroll', onScroll, { passive: true });
      stop.current = () => {
        observer.disconnect();
        el.removeEventListener('scroll', onScroll);
      };
    },
    [grown, look],
  );
  return { scroller, grown, atEnd };
}

function distance(el: HTMLElement): number {
  return el.scrollHeight - el.scrollTop - el.clientHeight;
}

function topIndexOf(scroller: HTMLElement): number {
  const edge = scroller.getBoundingClientRect().top;
  for (const item of scroller.querySelectorAll<HTMLElement>('[data-index]')) {
    if (item.getBoundingClientRect().bottom > edge + 1) return Number(item.dataset['index']);
  }
  return 0;
}
