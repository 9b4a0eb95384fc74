/** Something that floats beside what opened it, and goes with Esc, a click elsewhere, or a scroll. */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { useFocusTrap } from './focus';

const GAP = 6;
const EDGE = 8;

type Props = {
  anchor: HTMLElement;
  onClose: () => void;
  children: ReactNode;
  label?: string;
  role?: 'dialog' | 'menu';
};

export function Popover({ anchor, onClose, children, label, role = 'dialog' }: Props) {
  const box = useRef<HTMLDivElement>(null);
  // A menu belongs to the landmark region of its opener, which may disappear; a dialog stands alone.
  const [home] = useState(() => (role === 'menu' && anchor.closest('main, nav, aside')) || document.body);
  const [at, setAt] = useState<{ left: number; top: number }>();
  useFocusTrap(box);
  useLayoutEffect(() => {
    const el = box.current;
    if (!el) return;
    let a = anchor.getBoundingClientRect();
    const place = () => {
      // Some anchors are only there while they are pointed at.
      if (anchor.isConnected) a = anchor.getBoundingClientRect();
      const { width, height } = el.getBoundingClientRect();
      const left = Math.max(EDGE, Math.min(a.right - width, innerWidth - width - EDGE));
      const above = a.top - GAP - height;
      const below = a.bottom + GAP;
      const fitsBelow = below + height <= innerHeight - EDGE;
      const top = fitsBelow || above < EDGE ? Math.min(below, innerHeight - height - EDGE) : above;
      setAt({
        left: a.left + width < innerWidth - EDGE && a.left < innerWidth / 2 ? a.left : left,
        top: Math.max(EDGE, top),
      });
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(el);
    // A keyboard that slides in makes the screen smaller.
    window.addEventListener('resize', place);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', place);
    };
  }, [anchor]);
  useEffect(() => {
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !box.current?.contains(event.target) && !anchor.contains(event.target))
        onClose();
    };
    document.addEventListener('pointerdown', onDown, true);
    return () => {
      document.removeEventListener('pointerdown', onDown, true);
    };
  }, [anchor, onClose]);
  // Not seen before it has its place, but not hidden either: what is hidden cannot take the focus.
  const style = at ? { left: at.left, top: at.top } : { opacity: 0 };
  return createPortal(
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is a dialog's or a menu's
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both may have a label
    <div
      ref={box}
      className="pop"
      role={role}
      aria-label={label}
      style={style}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      {children}
    </div>,
    home,
  );
}
