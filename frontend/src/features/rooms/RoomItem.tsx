/** One room in the list: on a wide page one line, on a phone with its last message. */
import { Check, CircleAlert, Image } from 'lucide-react';
import type { Room } from '../../api/contract';
import { paths } from '../../lib/browser/paths';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { plain } from '../../lib/text/plain';
import { shortWhen } from '../../lib/text/time';
import { isEmpty } from '../../model/draft';
import { activityOf, titleOf } from '../../model/room/room';
import { mentionCount } from '../../model/room/unread';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Badge } from '../../ui/Badge';
import { Link } from '../../ui/Link';
import { RoomGlyph } from './RoomGlyph';

type Props = { room: Room; on: boolean; tabIndex: number };

function useItem({ room, on, tabIndex }: Props) {
  const { words } = useLanguage();
  const failed = useChatState((state) => state.outbox.some((p) => p.roomId === room.id && p.state === 'failed'));
  const kept = useChatState((state) => state.drafts[room.id]);
  // The server may not know yet that it was sent.
  const draft = kept && !isEmpty(kept) ? kept : undefined;
  const title = titleOf(room, room.kind === 'direct' ? room.alias : words.list.nobody);
  const mentions = mentionCount(room);
  const label = words.list.aria(title, room.unread, mentions) + (failed ? `, ${words.list.failed}` : '');
  const link = {
    to: paths.room(room.id),
    'aria-label': label,
    'data-room': room.id,
    tabIndex,
    ...(on ? { 'aria-current': 'page' as const } : {}),
  };
  return { failed, draft, title, mentions, link, words };
}

export function RoomItem(props: Props) {
  const { room, on } = props;
  const { failed, draft, title, mentions, link, words } = useItem(props);
  return (
    <Link {...link} className={`ri${room.unread > 0 ? ' unread' : ''}${on ? ' on' : ''}`}>
      <RoomGlyph room={room} size={20} />
      <span className="trunc grow" {...langProps(title)}>
        {title}
      </span>
      {failed ? (
        <span className="st bad">
          <CircleAlert className="i" aria-hidden="true" />
        </span>
      ) : room.unread > 0 ? (
        <Badge count={mentions > 0 ? mentions : room.unread} mine={mentions > 0} />
      ) : (
        draft && !on && <span className="draft">{words.list.draft}</span>
      )}
    </Link>
  );
}

export function PhoneRoomItem(props: Props) {
  const { room } = props;
  const { locale } = useLanguage();
  const { failed, draft, title, mentions, link, words } = useItem(props);
  return (
    <Link {...link} className={`prow${room.unread > 0 ? ' unread' : ''}`}>
      <RoomGlyph room={room} size={44} />
      <div className="prow-mid">
        <div className="nm trunc" {...langProps(title)}>
          {title}
        </div>
        <div className="pv trunc">
          {failed ? (
            <span className="ps bad">
              <CircleAlert className="i i-14" aria-hidden="true" />
              {words.list.failed}
            </span>
          ) : draft && (draft.text !== '' || draft.images) ? (
            <>
              <b className="t2">{words.list.draftLabel}</b> {draft.text || words.list.picture}
            </>
          ) : (
            <LastMessage room={room} />
          )}
        </div>
      </div>
      <div className="rt">
        <time dateTime={activityOf(room)}>{shortWhen(activityOf(room), locale)}</time>
        <Badge count={mentions > 0 ? mentions : room.unread} mine={mentions > 0} />
      </div>
    </Link>
  );
}

function LastMessage({ room }: { room: Room }) {
  const { words } = useLanguage();
  const meId = useChatState((state) => state.me.id);
  const users = useChatState((state) => state.users);
  const { lastMessage: last } = room;
  if (!last || last.system) return <>{room.topic || words.browse.quiet}</>;
  const mine = last.senderId === meId;
  const sender = users[last.senderId]?.displayName.split(' ')[0] ?? '…';
  if (last.deletedAt) return <>{words.state.wasDeleted}</>;
  if (last.content === '' && last.imageUrl) {
    return (
      <span className="ps">
        <Image className="i i-14" aria-hidden="true" />
        {words.list.picture}
      </span>
    );
  }
  const text = plain(last.content);
  if (mine) {
    return (
      <span className="ps" {...langProps(text)}>
        <Check className="i i-14" aria-hidden="true" />
        <span className="trunc">{words.list.youSaid(text)}</span>
      </span>
    );
  }
  return <span {...langProps(text)}>{room.kind === 'direct' ? text : words.list.said(sender, text)}</span>;
}
