/** Goes to a message, once, loading around it first where it is not here, and lights it up. */
import { useLayoutEffect, useRef } from 'react';
import type { Row } from '../../model/timeline/row';
import { useHistory } from '../../realtime/hooks/use-actions';
import type { ListHandle } from '../../ui/virtual-list/VirtualList';

const LIT_MS = 1200;

/** `at` is when it was asked for: the same message may be asked for again. */
export type Target = { readonly id: string; readonly at: number };

export type JumpProps = {
  readonly jumpTo: Target | undefined;
  /** Answers whether the message is there. */
  readonly onJumped: (found: boolean) => void;
};

type Jump = JumpProps & {
  roomId: string;
  rows: readonly Row[];
  list: { current: ListHandle | null };
  setLit: (key: string | undefined) => void;
};

export function useJump({ roomId, rows, jumpTo, onJumped, list, setLit }: Jump): void {
  const { loadAround } = useHistory();
  const asked = useRef(0);
  const key = jumpTo && rows.find((row) => row.message?.id === jumpTo.id)?.key;
  useLayoutEffect(() => {
    if (!jumpTo) return;
    if (key === undefined) {
      if (asked.current === jumpTo.at) return;
      asked.current = jumpTo.at;
      void loadAround(roomId, jumpTo.id).then((found) => found || onJumped(false));
      return;
    }
    onJumped(true);
    list.current?.show(key, 'center');
    setLit(key);
    setTimeout(() => setLit(undefined), LIT_MS);
  }, [loadAround, roomId, jumpTo, key, onJumped, list, setLit]);
}
