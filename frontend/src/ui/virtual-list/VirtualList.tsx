/** A list of many rows of unknown height: only those around the screen are drawn, and nothing that is looked at moves. */
import {
  type HTMLAttributes,
  type ReactNode,
  type Ref,
  useCallback,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { Place, type Wish } from './place';

/** Counts as being at the end: the newest row is read. */
const NEAR_PX = 60;
const STILL_MS = 150;

export type ListHandle = {
  toEnd: () => void;
  show: (key: string, where: Wish) => void;
  isAtEnd: () => boolean;
};

export type Sight = {
  /** Index of the first row on the screen. */
  readonly first: number;
  readonly atEnd: boolean;
};

type Props<R> = Omit<HTMLAttributes<HTMLDivElement>, 'children'> & {
  rows: readonly R[];
  keyOf: (row: R) => string;
  draw: (row: R) => ReactNode;
  handle: Ref<ListHandle>;
  /** Whether the last row is the newest there is: then who is at the end stays there. */
  open: boolean;
  /** The first or the last row is drawn. May be said many times. */
  onStart: () => void;
  onEnd: () => void;
  onSight: (sight: Sight) => void;
  /** Somebody scrolls, or has stopped. */
  onScrolling: (on: boolean) => void;
};

export function VirtualList<R>(props: Props<R>) {
  const { rows, keyOf, draw, handle, open, onStart, onEnd, onSight, onScrolling, ...rest } = props;
  const [place] = useState(() => new Place());
  const [, again] = useReducer((n: number) => n + 1, 0);
  const keys = useMemo(() => rows.map(keyOf), [rows, keyOf]);
  const indexes = useMemo(() => new Map(keys.map((key, index) => [key, index])), [keys]);
  place.open = open;
  const { span, above, below } = place.take(keys, indexes);

  const latest = useRef({ onStart, onEnd, onSight, onScrolling });
  latest.current = { onStart, onEnd, onSight, onScrolling };
  const reach = useRef({ start: false, end: false });
  reach.current = { start: span.from === 0, end: span.to === rows.length };
  const report = useCallback(() => {
    // Whoever opens the list at another place has done so by then.
    queueMicrotask(() => {
      if (reach.current.start) latest.current.onStart();
      if (reach.current.end) latest.current.onEnd();
    });
    latest.current.onSight({ first: place.first(), atEnd: place.isAtEnd(NEAR_PX) });
  }, [place]);

  useLayoutEffect(() => {
    if (place.settle()) again();
    else report();
  });

  useImperativeHandle(handle, () => {
    const go = (to: Parameters<Place['go']>[0]) => {
      place.go(to);
      again();
    };
    return { toEnd: () => go('end'), show: (key, top) => go({ key, top }), isAtEnd: () => place.isAtEnd(NEAR_PX) };
  }, [place]);

  const observer = useGrowth(place, again);
  const box = useBox(place, again, report, latest, observer);
  const watch = useCallback(
    (el: HTMLDivElement | null) => {
      if (!el) return;
      observer.observe(el);
      return () => observer.unobserve(el);
    },
    [observer],
  );
  return (
    <div {...rest} ref={box}>
      <div className="virtual-list">
        <div style={{ height: above }} />
        {rows.slice(span.from, span.to).map((row) => {
          const key = keyOf(row);
          return (
            <div key={key} data-key={key} ref={watch}>
              {draw(row)}
            </div>
          );
        })}
        <div style={{ height: below }} />
      </div>
    </div>
  );
}

/** A row or the screen has another height: everything goes back to its place before it is painted. */
function useGrowth(place: Place, again: () => void): ResizeObserver {
  const [observer] = useState(
    () =>
      new ResizeObserver(() => {
        if (place.settle()) flushSync(again);
      }),
  );
  return observer;
}

type Listeners = { current: Pick<Props<unknown>, 'onScrolling'> };

/** The element that scrolls. */
function useBox(place: Place, again: () => void, report: () => void, listeners: Listeners, observer: ResizeObserver) {
  const still = useRef<ReturnType<typeof setTimeout>>(undefined);
  return useCallback(
    (el: HTMLDivElement | null) => {
      if (!el) return;
      place.enter(el);
      const onScroll = () => {
        const { moved, more } = place.scrolled();
        if (more) flushSync(again);
        else report();
        if (!moved) return;
        listeners.current.onScrolling(true);
        clearTimeout(still.current);
        still.current = setTimeout(() => listeners.current.onScrolling(false), STILL_MS);
      };
      observer.observe(el);
      el.addEventListener('scroll', onScroll, { passive: true });
      return () => {
        observer.unobserve(el);
        el.removeEventListener('scroll', onScroll);
        clearTimeout(still.current);
        place.enter(undefined);
      };
    },
    [place, again, report, listeners, observer],
  );
}
