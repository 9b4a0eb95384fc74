/** State of the connection, and of unsent messages. */
import { Check, CloudOff } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useWords } from '../../lib/i18n';
import { unsentCount } from '../../model/outbox';
import { useTryNow } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const RING = 2 * Math.PI * 8;
const SECOND_MS = 1000;

export function Banner() {
  const connection = useChatState((state) => state.connection);
  const outbox = useChatState((state) => state.outbox);
  const words = useWords();
  const tryNow = useTryNow();
  const t = words.conn;
  const waiting = unsentCount(outbox);
  const keeps = useChatState((state) => state.keeps);
  const kept = keeps ? (waiting > 0 ? t.waits(waiting) : t.kept) : t.notKept;
  const ring = <span className="ring big" aria-hidden="true" />;
  switch (connection.at) {
    case 'waiting':
      return (
        <Strip tone="warn">
          <Countdown until={connection.tryAt} rest={kept} />
          <button type="button" className="btn sm" onClick={tryNow}>
            {t.tryNow}
          </button>
        </Strip>
      );
    case 'trying':
      return <Strip tone="warn" icon={ring} title={t.trying} text={kept} />;
    case 'offline': {
      const here = waiting > 0 && keeps ? `${t.waitsHere(waiting)} ` : '';
      const icon = <CloudOff className="i" aria-hidden="true" />;
      return <Strip tone="off" icon={icon} title={t.isOffline} text={here + (keeps ? t.goOn : t.notKept)} />;
    }
    case 'moving':
      return <Strip tone="warn" icon={ring} title={t.isMoving} text={t.movingText} />;
    case 'catchingUp': {
      const text = t.catchUp(connection.sending, connection.fetching);
      return <Strip tone="ok" icon={ring} title={t.connected} text={text} />;
    }
    case 'back': {
      const icon = <Check className="i" aria-hidden="true" />;
      return <Strip tone="ok" icon={icon} title={t.back} text={t.backText(connection.sent)} />;
    }
    default:
      return null;
  }
}

type StripProps = { tone: 'warn' | 'off' | 'ok' } & (
  | { icon: ReactNode; title: string; text: string }
  | { children: ReactNode }
);

function Strip(props: StripProps) {
  return (
    <div className={`banner ${props.tone}`} role="status">
      {'children' in props ? (
        props.children
      ) : (
        <>
          {props.icon}
          <span>
            <b>{props.title}</b> {props.text}
          </span>
        </>
      )}
    </div>
  );
}

/** The seconds are only visible; a screen reader reads the sentence once. */
function Countdown({ until, rest }: { until: number; rest: string }) {
  const words = useWords();
  const [now, setNow] = useState(Date.now());
  const [whole] = useState(() => Math.max(SECOND_MS, until - Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND_MS / 4);
    return () => clearInterval(timer);
  }, []);
  const left = Math.max(0, until - now);
  const share = Math.min(1, left / whole);
  return (
    <>
      <span className="count" aria-hidden="true">
        <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="2.5" aria-hidden="true">
          <circle cx="10" cy="10" r="8" opacity=".25" />
          <circle cx="10" cy="10" r="8" strokeDasharray={`${RING * share} ${RING}`} strokeLinecap="round" />
        </svg>
      </span>
      <span className="sr">
        {words.conn.trying} {rest}
      </span>
      <span aria-hidden="true">
        <b className="num">{words.conn.lost(Math.max(1, Math.ceil(left / SECOND_MS)))}</b> {rest}
      </span>
    </>
  );
}
