/** What became of an own message. The tick comes after the commit, never before. */
import { Check, Clock } from 'lucide-react';
import type { Member } from '../../../api/contract';
import { useDelayed } from '../../../lib/browser/media';
import { useWords } from '../../../lib/i18n';
import type { Pending } from '../../../model/outbox';
import { Avatar } from '../../../ui/Avatar';
import { joinNames } from './describe';

const SENDING_AFTER_MS = 400;
const FACES_MAX = 3;

export function SentState(props: { faces: readonly Member[]; newest: boolean; quiet: boolean }) {
  const { faces, newest, quiet } = props;
  const words = useWords();
  if (faces.length > 0) {
    const label = words.state.seenBy(
      joinNames(
        faces.map((member) => member.user.displayName),
        words,
      ),
    );
    return (
      <div className="state" role="img" aria-label={label} title={label}>
        <span className="seen">
          {faces.slice(0, FACES_MAX).map((member) => (
            <Avatar key={member.user.id} user={member.user} size={16} />
          ))}
        </span>
        {faces.length > FACES_MAX && <span>+{faces.length - FACES_MAX}</span>}
      </div>
    );
  }
  return (
    <div className={`state${quiet ? ' quiet' : ''}`}>
      <Check className="i i-14 tick" aria-hidden="true" />
      <span className={newest ? '' : 'word'}>{words.state.sent}</span>
    </div>
  );
}

/** The same for the eye and for a screen reader. */
export function isWaiting(pending: Pending, connected: boolean): boolean {
  return !connected || pending.state === 'waiting';
}

export function PendingMark(props: { pending: Pending; connected: boolean }) {
  const { pending, connected } = props;
  const words = useWords();
  const waiting = isWaiting(pending, connected);
  const late = useDelayed(!waiting, SENDING_AFTER_MS);
  if (waiting) {
    return (
      <div className="state warn">
        <Clock className="i i-14" aria-hidden="true" />
        {words.state.waiting}
      </div>
    );
  }
  return (
    <div className="state">
      {late && (
        <>
          <span className="ring" aria-hidden="true" />
          {words.state.sending}
        </>
      )}
    </div>
  );
}
