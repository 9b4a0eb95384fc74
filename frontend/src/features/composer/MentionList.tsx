/** People to mention, while an `@name` is being typed. */
import { useMemo } from 'react';
import type { User } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { rank } from '../../model/match';
import type { OpenMention } from '../../model/mention';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { Highlight } from '../../ui/Highlight';

const SHOWN_MAX = 6;

export function useMentionMatches(roomId: string, mention: OpenMention | undefined): readonly User[] {
  const members = useChatState((state) => state.members[roomId]);
  const meId = useChatState((state) => state.me.id);
  return useMemo(() => {
    if (!mention || !members) return [];
    const score = (user: User) => Math.max(rank(user.username, mention.query), rank(user.displayName, mention.query));
    return members
      .map((member) => member.user)
      .filter((user) => user.id !== meId && score(user) > 0)
      .sort((a, b) => score(b) - score(a))
      .slice(0, SHOWN_MAX);
  }, [members, mention, meId]);
}

type Props = { id: string; users: readonly User[]; query: string; at: number; onChoose: (user: User) => void };

export function MentionList({ id, users, query, at, onChoose }: Props) {
  const words = useWords();
  if (users.length === 0) return null;
  return (
    <div className="list-pop mention-pop" id={id} role="listbox" aria-label={words.room.mentionList}>
      {users.map((user, i) => (
        <div
          key={user.id}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === at}
          className={`opt${i === at ? ' on' : ''}`}
          onMouseDown={(event) => {
            event.preventDefault();
            onChoose(user);
          }}
        >
          <Avatar user={user} size={28} />
          <span>
            <Highlight text={user.displayName} query={query} />{' '}
            <span className="muted">
              <Highlight text={user.username} query={query} />
            </span>
          </span>
        </div>
      ))}
    </div>
  );
}
