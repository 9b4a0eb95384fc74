/** What I send is on screen at once, wherever I was. */
import { type RefObject, useLayoutEffect, useMemo, useRef } from 'react';
import { justSent, type Row } from '../../model/timeline/row';
import type { ListHandle } from '../../ui/virtual-list/VirtualList';

export function useSentScroll(rows: readonly Row[], list: RefObject<ListHandle | null>): void {
  const keys = useMemo(() => new Set(rows.filter((row) => row.pending).map((row) => row.key)), [rows]);
  const before = useRef(keys);
  const sent = useRef<string>(undefined);
  useLayoutEffect(() => {
    const fresh = justSent(before.current, rows);
    before.current = keys;
    if (fresh !== undefined) {
      sent.current = fresh;
      list.current?.toEnd();
    } else if (sent.current !== undefined && rows.some((row) => row.gap)) {
      // Far up in the history the end is not followed, and the waterline comes above it a moment later.
      list.current?.show(sent.current, 'nearest');
      if (rows.some((row) => row.waterline)) sent.current = undefined;
    }
  }, [rows, keys, list]);
}
