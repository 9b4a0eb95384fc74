/** What is on screen in a window that has the focus is read. */
import { type RefObject, useEffect } from 'react';
import type { Row } from '../../model/timeline/row';
import { useReading } from '../../realtime/hooks/use-actions';
import type { ListHandle } from '../../ui/virtual-list/VirtualList';

export function useReadMark(
  roomId: string,
  rows: readonly Row[],
  atEnd: boolean,
  list: RefObject<ListHandle | null>,
): void {
  const { read, setWatching } = useReading();
  const newest = rows.findLast((row) => row.message)?.message;
  useEffect(() => {
    const mark = () => {
      // What was drawn last may be about to go elsewhere: the list knows.
      const looking = document.hasFocus() && document.visibilityState === 'visible';
      const watching = atEnd && list.current?.isAtEnd() === true && looking;
      setWatching(watching);
      if (watching && newest) read(roomId, newest.seq);
    };
    mark();
    const signs = ['focus', 'blur'] as const;
    for (const sign of signs) window.addEventListener(sign, mark);
    document.addEventListener('visibilitychange', mark);
    return () => {
      for (const sign of signs) window.removeEventListener(sign, mark);
      document.removeEventListener('visibilitychange', mark);
    };
  }, [read, setWatching, roomId, newest, atEnd, list]);
}
