/** What the connection is doing, and what is safe meanwhile. */
import { Check, CloudOff } from 'lucide-react';
import { useEffect, useState } from 'react';
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
      return (
        <Strip tone="warn">
          <span className="ring big" aria-hidden="true" />
          <span>
            <b>{t.trying}</b> {kept}
          </span>
        </Strip>
      );
    case 'offline':
      return (
        <Strip tone="off">
          <CloudOff className="i" aria-hidden="true" />
          <span>
            <b>{t.isOffline}</b> {waiting > 0 && keeps && `${t.waitsHere(waiting)} `}
            {keeps ? t.goOn : t.notKept}
          </span>
        </Strip>
      );
    case 'moving':
      return (
        <Strip tone="warn">
          <span className="ring big" aria-hidden="true" />
          <span>
            <b>{t.isMoving}</b> {t.movingText}
          </span>
        </Strip>
      );
    case 'catchingUp':
      return (
        <Strip tone="ok">
          <span className="ring big" aria-hidden="true" />
          <span>
            <b>{t.connected}</b> {t.catchUp(connection.sending, connection.fetching)}
          </span>
        </Strip>
      );
    case 'back':
      return (
        <Strip tone="ok">
          <Check className="i" aria-hidden="true" />
          <span>
            <b>{t.back}</b> {t.backText(connection.sent)}
          </span>
        </Strip>
      );
    default:
      return null;
  }
}

function Strip(props: { tone: 'warn' | 'off' | 'ok'; children: React.ReactNode }) {
  return (
    <div className={`banner ${props.tone}`} role="status">
      {props.children}
    </div>
  );
}

/** The seconds are for the eye; a screen reader hears the sentence once. */
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
