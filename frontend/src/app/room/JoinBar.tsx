/** In the composer's place, where one only looks. */
import { useState } from 'react';
import type { Room } from '../../api/contract';
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';

export function JoinBar({ room }: { room: Room }) {
  const words = useWords();
  const rooms = useRoomActions();
  const notify = useNotify();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    try {
      await rooms.join(room.id);
    } catch (problem) {
      notify(explain(problem, words).text, { bad: true });
    }
    setBusy(false);
  };
  return (
    <div className="join-bar">
      <span className="grow">{words.room.joinText}</span>
      <button type="button" className="btn primary" disabled={busy} onClick={() => void join()}>
        {words.room.join}
      </button>
    </div>
  );
}
