/** The message of the open room that is to be shown. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { JumpProps, Target } from '../../features/timeline/use-jump';
import { useWords } from '../../lib/i18n';
import { useNotify } from '../../realtime/hooks/use-actions';

/** A room that is opened at one of its messages (`seq`) goes there first. */
export function useJumpTarget(roomId: string, seq: number | undefined): JumpProps & { jump: (id: string) => void } {
  const words = useWords();
  const notify = useNotify();
  const [jumpTo, setJumpTo] = useState(() => targetOf(roomId, seq));
  const jump = useCallback((id: string) => setJumpTo(target(id)), []);
  const onJumped = useCallback(
    (found: boolean) => {
      setJumpTo(undefined);
      if (!found) notify(words.room.notThere);
    },
    [notify, words],
  );
  const opened = useRef(seq);
  useEffect(() => {
    if (seq !== opened.current) setJumpTo(targetOf(roomId, seq));
    opened.current = seq;
  }, [roomId, seq]);
  return { jumpTo, onJumped, jump };
}

function target(id: string): Target {
  return { id, at: Date.now() };
}

function targetOf(roomId: string, seq: number | undefined): Target | undefined {
  return seq === undefined ? undefined : target(`${roomId}-${seq}`);
}
