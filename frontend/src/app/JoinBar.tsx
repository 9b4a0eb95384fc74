/** In the composer's place, where one only looks. */
import { useState } from 'react';
import type { Room } from '../api/contract';
import { explain } from '../api/explain';
import { useWords } from '../lib/i18n';
import { notify } from '../realtime/chat';
import { enterRoom } from '../realtime/rooms';
import { useChat } from '../realtime/use-chat';

export function JoinBar({ room }: { room: Room }) {
  const words = useWords();
  const chat = useChat();
  const [busy, setBusy] = useState(false);
  const join = async () => {
    setBusy(true);
    try {
      await enterRoom(chat, room.id);
    } catch (problem) {
      notify(chat, explain(problem, words).text, { bad: true });
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
