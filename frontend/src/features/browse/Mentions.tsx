/** Unread messages that name me, from all rooms. */
import { ArrowLeft } from 'lucide-react';
import { paths } from '../../lib/browser/paths';
import { goBack } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { plain } from '../../lib/text/plain';
import { clockWithDay } from '../../lib/text/time';
import { titleOf } from '../../model/room/room';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { Link } from '../../ui/Link';
import { ListSkeleton } from '../../ui/Skeleton';
import { useMentions } from './use-mentions';

export function Mentions({ phone }: { phone: boolean }) {
  const { words, locale } = useLanguage();
  const t = words.mentions;
  const users = useChatState((state) => state.users);
  const [mentions, again] = useMentions();
  const none = mentions && mentions.found.length + mentions.more.length === 0;
  return (
    <main className="main page-scroll" data-region>
      <div className="browse">
        <div className="ph1">
          {phone && (
            <IconButton label={words.common.back} onClick={() => goBack(paths.home)}>
              <ArrowLeft className="i i-20" />
            </IconButton>
          )}
          <h1>{t.title}</h1>
          <span className="muted ph-sub">{t.sub}</span>
        </div>
        {!mentions && <ListSkeleton rows={5} />}
        {mentions?.failed && (
          <div className="empty pad" role="alert">
            <h2>{t.failed}</h2>
            <p>{words.problem.offline}</p>
            <button type="button" className="btn" onClick={again}>
              {words.common.tryAgain}
            </button>
          </div>
        )}
        {none && !mentions.failed && (
          <div className="empty pad">
            <h2>{t.empty}</h2>
            <p>{t.emptyText}</p>
          </div>
        )}
        <ul>
          {mentions?.found.map(({ room, message }) => {
            const sender = users[message.senderId];
            return (
              <li key={message.id}>
                <Link to={paths.room(room.id, message.seq)} className="pr mention-item">
                  {sender && <Avatar user={sender} />}
                  <div className="grow pr-text">
                    <div className="row">
                      <b {...langProps(sender?.displayName ?? '')}>{sender?.displayName ?? '…'}</b>
                      <span className="muted small-text">
                        {room.kind !== 'direct' && `${titleOf(room, room.alias)} · `}
                        {clockWithDay(message.createdAt, locale)}
                      </span>
                    </div>
                    <div className="t2 trunc pr-topic" {...langProps(message.content)}>
                      {plain(message.content) || words.list.picture}
                    </div>
                  </div>
                </Link>
              </li>
            );
          })}
          {mentions?.more.map((room) => (
            <li key={room.id}>
              <Link to={paths.room(room.id)} className="pr mention-item">
                {t.more(titleOf(room, room.alias))}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </main>
  );
}
