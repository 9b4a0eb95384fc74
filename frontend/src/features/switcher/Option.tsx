/** One room or person that the letters fit. */
import { Hash, Lock, Users } from 'lucide-react';
import { useLanguage } from '../../lib/i18n';
import { titleOf } from '../../model/room/room';
import { mentionCount } from '../../model/room/unread';
import { usePresence } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Highlight } from '../../ui/Highlight';
import type { Hit } from './hits';

export function Option(props: {
  id: string;
  hit: Hit;
  on: boolean;
  query: string;
  onHover: () => void;
  onChoose: () => void;
}) {
  const { id, hit, on, query, onHover, onChoose } = props;
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={on}
      className={`opt${on ? ' on' : ''}`}
      onMouseMove={onHover}
      onMouseDown={(event) => {
        event.preventDefault();
        onChoose();
      }}
    >
      <OptionBody hit={hit} query={query} />
    </div>
  );
}

function OptionBody({ hit, query }: { hit: Hit; query: string }) {
  const { words } = useLanguage();
  const user = hit.kind === 'public' ? undefined : hit.user;
  const presence = usePresence(user?.id);
  const room = hit.kind === 'room' ? hit.room : undefined;
  const title = room && !user ? titleOf(room, room.alias) : hit.kind === 'public' ? hit.open.name : '';
  const mentions = room ? mentionCount(room) : 0;
  return (
    <>
      {user ? (
        <Avatar user={user} size={24} dot={presence?.status} />
      ) : (
        <span className="glyph">
          {room?.kind === 'group' ? (
            <Users className="i" />
          ) : room?.kind === 'private' ? (
            <Lock className="i" />
          ) : (
            <Hash className="i" />
          )}
        </span>
      )}
      <span className={`trunc${room && room.unread > 0 ? ' strong' : ''}`}>
        <Highlight text={user ? user.displayName : title} query={query} />
        {user && (
          <>
            {' '}
            <span className="muted">
              <Highlight text={user.username} query={query} />
            </span>
          </>
        )}
      </span>
      <span className="hint">
        {room && <Badge count={mentions > 0 ? mentions : room.unread} mine={mentions > 0} />}
        {hit.kind === 'public' && words.switcher.notJoined}
        {hit.kind === 'user' && words.switcher.noConversation}
      </span>
    </>
  );
}
