/** One row is the tab stop of the list; the arrows walk from it. */
import { type KeyboardEvent, type RefObject, useState } from 'react';
import type { Row } from '../../model/timeline/row';
import { useReading } from '../../realtime/hooks/use-actions';
import type { ListHandle } from '../../ui/virtual-list/VirtualList';

type RowKeys = {
  readonly activeKey: string | undefined;
  readonly setActive: (key: string) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
};

export function useRowKeys(roomId: string, rows: readonly Row[], list: RefObject<ListHandle | null>): RowKeys {
  const { clearUnreadLine } = useReading();
  const [active, setActive] = useState<string>();
  const activeKey = active !== undefined && rows.some((row) => row.key === active) ? active : rows.at(-1)?.key;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return clearUnreadLine(roomId);
    const el = event.target;
    if (!(el instanceof HTMLElement) || el.dataset['row'] === undefined) return;
    const at = rows.findIndex((row) => row.key === el.dataset['row']);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || event.altKey) return;
    event.preventDefault();
    const key = rows[Math.max(0, Math.min(rows.length - 1, to))]?.key;
    if (key === undefined) return;
    setActive(key);
    list.current?.show(key, 'nearest');
    requestAnimationFrame(() => focusRow(key));
  };
  return { activeKey, setActive, onKeyDown };
}

function focusRow(key: string): void {
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
