/** A message that the server does not have yet. */
import { useLanguage } from '../../../lib/i18n';
import { plain } from '../../../lib/text/plain';
import { clock } from '../../../lib/text/time';
import type { Pending } from '../../../model/outbox';
import { useChatState } from '../../../realtime/hooks/use-chat-state';
import { usePicture } from '../../../realtime/hooks/use-picture';
import { useRows } from '../context';
import { Markdown } from '../markdown/Markdown';
import { FailedActions } from './FailedActions';
import { Frame, type RowProps } from './Frame';
import { Picture } from './Picture';
import { Quote } from './Quote';
import { isWaiting, PendingMark } from './State';

export function PendingRow(props: RowProps & { pending: Pending }) {
  const { pending, connected, source } = props;
  const { words } = useLanguage();
  const rows = useRows();
  const progress = useChatState((state) => state.progress[pending.clientId]);
  const failed = pending.state === 'failed';
  const unfinished = isWaiting(pending, connected) ? words.state.waiting : words.state.sending;
  const stateWord = failed ? words.state.notSent : unfinished;
  const label = [
    words.common.you,
    clock(pending.createdAt),
    plain(pending.content) || words.room.picture,
    stateWord,
  ].join(', ');
  return (
    <Frame
      base={props}
      classes={failed ? 'failed' : 'pending'}
      label={label}
      state={!failed && <PendingMark pending={pending} connected={connected} />}
    >
      {pending.replyTo && <Quote id={pending.replyTo} source={source} tabIndex={-1} onJump={rows.jump} />}
      {pending.content !== '' && <Markdown text={pending.content} names={rows.names} />}
      {pending.image && (
        <PendingPicture
          id={props.row.key}
          pending={pending}
          {...(progress === undefined || failed ? {} : { progress })}
        />
      )}
      {failed && <FailedActions pending={pending} />}
    </Frame>
  );
}

function PendingPicture(props: { id: string; pending: Pending; progress?: number }) {
  const { id, pending, progress } = props;
  const url = usePicture(pending.clientId);
  return (
    <Picture
      url={url}
      size={pending.image?.size}
      label={pending.image?.name ?? ''}
      id={id}
      {...(progress === undefined ? {} : { progress })}
    />
  );
}
