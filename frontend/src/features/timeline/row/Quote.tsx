/** The message that another one answers, in one line. */
import type { Message } from '../../../api/contract';
import { useWords } from '../../../lib/i18n';
import { langProps } from '../../../lib/text/lang';
import { useChatState } from '../../../realtime/hooks/use-chat-state';
import { Avatar } from '../../../ui/Avatar';
import { summary } from './describe';

type Props = { id: string; source: Message | undefined; tabIndex: number; onJump: (id: string) => void };

export function Quote({ id, source, tabIndex, onJump }: Props) {
  const words = useWords();
  const users = useChatState((state) => state.users);
  const author = source && users[source.senderId];
  const text = source ? summary(source, words) : words.room.sourceMissing;
  return (
    <button type="button" className="quote" tabIndex={tabIndex} onClick={() => onJump(id)}>
      {author && !source.deletedAt && (
        <>
          <Avatar user={author} size={16} />
          <b {...langProps(author.displayName)}>{author.displayName}</b>
        </>
      )}
      {source?.imageUrl && !source.deletedAt && <img className="thumb" src={source.imageUrl} alt="" />}
      <span className="trunc" {...langProps(text)}>
        {text}
      </span>
    </button>
  );
}
