/** A list of people to choose from, for a field that keeps the focus. */
import type { User } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { useChatState, useConnected } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { Highlight } from '../../ui/Highlight';

type Props = {
  id: string;
  users: readonly User[];
  query: string;
  at: number;
  hint: string;
  onHover: (index: number) => void;
  onChoose: (user: User) => void;
};

export function Options({ id, users, query, at, hint, onHover, onChoose }: Props) {
  const words = useWords();
  const presence = useChatState((state) => state.presence);
  const connected = useConnected();
  if (users.length === 0) return null;
  return (
    <div className="list-pop" id={id} role="listbox" aria-label={words.group.people}>
      {users.map((user, i) => (
        <div
          key={user.id}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === at}
          className={`opt${i === at ? ' on' : ''}`}
          onMouseMove={() => onHover(i)}
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(user);
          }}
        >
          <Avatar user={user} size={28} dot={connected ? presence[user.id]?.status : undefined} />
          <span className="trunc">
            <Highlight text={user.displayName} query={query} />{' '}
            <span className="muted">
              <Highlight text={user.username} query={query} />
            </span>
          </span>
          {i === at && (
            <span className="hint">
              {hint}
              <kbd>Enter</kbd>
            </span>
          )}
        </div>
      ))}
    </div>
  );
}
