/** Why a message was not sent, and what can be done. */
import { CircleAlert } from 'lucide-react';
import { useWords, type Words } from '../../../lib/i18n';
import { mayRetry, type Pending } from '../../../model/outbox';
import { useCompose, useOutbox } from '../../../realtime/hooks/use-actions';
import { useCopy } from './use-copy';

function causeText({ cause, image }: Pending, words: Words): string {
  const picture = image !== undefined;
  if (cause === 'upload') return words.state.uploadFailed;
  if (cause === 'notMember' || cause === 'notFound') return words.state.gone;
  if (cause === 'forbidden') return words.problem.forbidden;
  if (cause === 'tooLarge') return picture ? words.problem.tooLarge : words.state.tooLong;
  if (cause === 'unsupportedImage') return words.problem.image;
  if (cause === 'uploadsUnavailable') return words.problem.noPictures;
  return words.state.refused;
}

export function FailedActions({ pending }: { pending: Pending }) {
  const words = useWords();
  const { takeBack } = useCompose();
  const { retry, discard } = useOutbox();
  const copy = useCopy();
  const again = mayRetry(pending.cause);
  // The composer takes the text back, not the picture: only where that is what was refused.
  const editable = pending.image === undefined || pending.cause === 'unsupportedImage' || pending.cause === 'tooLarge';
  const edit = () => {
    takeBack(pending.clientId);
    document.getElementById('composer')?.focus();
  };
  return (
    <div className="fail">
      <span className="why">
        <CircleAlert className="i" aria-hidden="true" />
        {words.state.failed(causeText(pending, words))}
      </span>
      {again && (
        <button type="button" onClick={() => retry(pending.clientId)}>
          {words.state.retry}
        </button>
      )}
      {again && editable && pending.content !== '' && (
        <button type="button" onClick={edit}>
          {words.state.edit}
        </button>
      )}
      {!again && pending.content !== '' && (
        <button type="button" onClick={() => copy(pending.content)}>
          {words.state.copy}
        </button>
      )}
      <button type="button" onClick={() => discard(pending.clientId)}>
        {words.state.remove}
      </button>
    </div>
  );
}
