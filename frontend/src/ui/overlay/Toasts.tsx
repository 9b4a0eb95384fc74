/** One sentence, at most one action, six seconds; they wait while looked at. */
import { CircleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';

const SHOWN_MS = 6000;

type ToastNotice = {
  readonly id: number;
  readonly text: string;
  readonly bad?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
};

export function Toasts(props: { notices: readonly ToastNotice[]; onGone: (id: number) => void }) {
  return (
    <div className="toasts" role="status">
      {props.notices.map((notice) => (
        <Toast key={notice.id} notice={notice} onGone={props.onGone} />
      ))}
    </div>
  );
}

function Toast({ notice, onGone }: { notice: ToastNotice; onGone: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => onGone(notice.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, notice.id, onGone]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only waits while it is looked at
    <div
      className="toast"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {notice.bad && <CircleAlert className="i" aria-hidden="true" />}
      <span className="grow">{notice.text}</span>
      {notice.action && (
        <button
          type="button"
          onClick={() => {
            onGone(notice.id);
            notice.action?.run();
          }}
        >
          {notice.action.label}
        </button>
      )}
    </div>
  );
}
