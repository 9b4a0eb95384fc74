/** Above the text: the message that is being answered or changed. */
import { Pencil, Reply, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Message } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { plain } from '../../lib/text/plain';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { IconButton } from '../../ui/IconButton';

export function EditBar({ onStop }: { onStop: () => void }) {
  const words = useWords();
  return (
    <Bar icon={<Pencil className="i i-14" aria-hidden="true" />} label={words.room.stopEdit} onStop={onStop}>
      {words.room.editing}
    </Bar>
  );
}

/** The answered message may not be here yet. */
export function ReplyBar({ source, onStop }: { source: Message | undefined; onStop: () => void }) {
  const words = useWords();
  const users = useChatState((state) => state.users);
  const name = source && users[source.senderId]?.displayName;
  return (
    <Bar icon={<Reply className="i i-14" aria-hidden="true" />} label={words.room.stopReply} onStop={onStop}>
      <b {...langProps(name ?? '')}>{words.room.replyTo(name ?? '…')}</b>
      {source?.content ? `: ${plain(source.content)}` : ''}
    </Bar>
  );
}

function Bar(props: { icon: ReactNode; label: string; onStop: () => void; children: ReactNode }) {
  return (
    <div className="comp-ctx">
      {props.icon}
      <span className="trunc grow">{props.children}</span>
      <IconButton small label={props.label} onClick={props.onStop}>
        <X className="i i-14" />
      </IconButton>
    </div>
  );
}
