/** The list of rooms as a phone's first page. */
import { Compass, Search, SquarePen } from 'lucide-react';
import { useMemo, useState } from 'react';
import { BRAND } from '../../lib/brand';
import { paths } from '../../lib/browser/paths';
import { useLanguage } from '../../lib/i18n';
import { byActivity, isListed } from '../../model/room/room';
import { mentionCount, totals } from '../../model/room/unread';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { IconButton } from '../../ui/IconButton';
import { Link } from '../../ui/Link';
import { Mark } from '../../ui/Mark';
import { MessageSkeleton } from '../../ui/Skeleton';
import { PhoneRoomItem } from './RoomItem';
import type { MakeWhat } from './Sidebar';

type Filter = 'all' | 'unread' | 'mentions';

type Props = { onJump: () => void; onMake: (what: MakeWhat) => void; empty: React.ReactNode };

export function PhoneList({ onJump, onMake, empty }: Props) {
  const { words } = useLanguage();
  const t = words.list;
  const me = useChatState((state) => state.me);
  const rooms = useChatState((state) => state.rooms);
  const loaded = useChatState((state) => state.roomsLoaded);
  const [filter, setFilter] = useState<Filter>('all');
  const mine = useMemo(() => Object.values(rooms).filter(isListed).sort(byActivity), [rooms]);
  const sums = totals(mine);
  const shown = mine.filter((room) =>
    filter === 'all' ? true : filter === 'unread' ? room.unread > 0 : mentionCount(room) > 0,
  );
  const tab = (name: Filter, label: string, count?: number) => (
    <button
      type="button"
      className={filter === name ? 'ft on' : 'ft'}
      aria-pressed={filter === name}
      onClick={() => setFilter(name)}
    >
      {label}
      {count !== undefined && count > 0 && <span className="num">{count}</span>}
    </button>
  );
  return (
    <main className="plist" data-region>
      <header className="phead list">
        <Mark />
        <h1 className="grow">{BRAND}</h1>
        <Link to={paths.browse} className="ib" aria-label={t.public} title={t.public}>
          <Compass className="i i-20" />
        </Link>
        <IconButton label={t.newConversation} onClick={() => onMake('conversation')}>
          <SquarePen className="i i-20" />
        </IconButton>
        <Link to={paths.settings} className="ib" aria-label={t.settings}>
          <Avatar user={me} size={28} />
        </Link>
      </header>
      <button type="button" className="jump" onClick={onJump}>
        <Search className="i i-18" aria-hidden="true" />
        {t.jump}
      </button>
      <div className="filters">
        {tab('all', words.common.all)}
        {tab('unread', t.unread, sums.unread)}
        {tab('mentions', t.mentions, sums.mentions)}
      </div>
      <nav className="plist-scroll" aria-label={t.label}>
        {!loaded && <MessageSkeleton />}
        {loaded && mine.length === 0 && empty}
        {shown.map((room) => (
          <PhoneRoomItem key={room.id} room={room} on={false} tabIndex={0} />
        ))}
        {loaded && mine.length > 0 && shown.length === 0 && (
          <div className="empty pad">
            <h2>{filter === 'mentions' ? words.mentions.empty : t.noneUnread}</h2>
            <p>{filter === 'mentions' ? words.mentions.emptyText : t.noneUnreadText}</p>
          </div>
        )}
      </nav>
    </main>
  );
}
