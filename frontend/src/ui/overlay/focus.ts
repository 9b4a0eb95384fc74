/** Keeps the focus inside an overlay, and gives it back afterwards. */
import { type RefObject, useEffect, useState } from 'react';

const FOCUSABLE =
  'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select:not([disabled]), [tabindex]:not([tabindex="-1"])';

/** The way back out of each overlay: what one opens from another goes back past it. */
const ways = new WeakMap<Element, readonly HTMLElement[]>();

export function useFocusTrap(ref: RefObject<HTMLElement | null>): void {
  // Before anything inside takes the focus by itself.
  const [way] = useState(() => wayTo(document.activeElement));
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    ways.set(box, way);
    const inside = () => [...box.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((el) => el.offsetParent !== null);
    if (!box.contains(document.activeElement)) {
      const first = box.querySelector<HTMLElement>('[data-autofocus], input, textarea') ?? inside()[0];
      first?.focus();
    }
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Tab') return;
      const all = inside();
      const edge = event.shiftKey ? all[0] : all.at(-1);
      if (document.activeElement !== edge && box.contains(document.activeElement)) return;
      event.preventDefault();
      (event.shiftKey ? all.at(-1) : all[0])?.focus();
    };
    box.addEventListener('keydown', onKey);
    return () => {
      box.removeEventListener('keydown', onKey);
      way.find((el) => el.isConnected)?.focus();
    };
  }, [ref, way]);
}

/** What opened it, and what that lies in: some openers are only there while they are pointed at. */
function wayTo(opener: Element | null): readonly HTMLElement[] {
  const way: HTMLElement[] = [];
  for (let el = opener; el && el !== document.body; el = el.parentElement) {
    if (el instanceof HTMLElement && (el === opener || el.hasAttribute('tabindex'))) way.push(el);
    way.push(...(ways.get(el) ?? []));
  }
  return way;
}
