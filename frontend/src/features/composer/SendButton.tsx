/** Sends what is written. It leaves the focus in the field. */
import { ArrowUp } from 'lucide-react';
import { useWords } from '../../lib/i18n';

export function SendButton({ ready, onSend }: { ready: boolean; onSend: () => void }) {
  const words = useWords();
  return (
    <button
      type="button"
      className={ready ? 'send on' : 'send'}
      aria-label={words.room.send}
      aria-disabled={!ready}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onSend}
    >
      <ArrowUp className="i i-18" aria-hidden="true" />
    </button>
  );
}
