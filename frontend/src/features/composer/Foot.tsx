/** Under the composer: who is typing, or what holds while there is no connection. */
import { useMemo } from 'react';
import { useWords } from '../../lib/i18n';
import { isConnected } from '../../model/connection';
import { useChatState } from '../../realtime/hooks/use-chat-state';

const NAMED_MAX = 2;

export function ComposerFoot({ roomId }: { roomId: string }) {
  const words = useWords();
  const connection = useChatState((state) => state.connection);
  const typing = useChatState((state) => state.typing);
  const users = useChatState((state) => state.users);
  const names = useMemo(
    () => typing.filter((t) => t.roomId === roomId).map((t) => users[t.userId]?.displayName.split(' ')[0] ?? '…'),
    [typing, users, roomId],
  );
  const quiet = connection.at === 'online' || connection.at === 'connecting' || connection.at === 'lost';
  if (!quiet && !isConnected(connection)) return <div className="comp-foot">{words.conn.foot}</div>;
  const [a, b] = names;
  const text =
    names.length > NAMED_MAX
      ? words.room.typingMany
      : a !== undefined && b !== undefined
        ? words.room.typing2(a, b)
        : a !== undefined
          ? words.room.typing1(a)
          : '';
  return (
    <div className="comp-foot">
      {text !== '' && isConnected(connection) && (
        <>
          <span className="typing" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span>{text}</span>
        </>
      )}
      <span className="keys">{words.room.keys}</span>
    </div>
  );
}
