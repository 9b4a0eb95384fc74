/** The list of rooms and people, at the left of a wide page. */
import { AtSign, Compass, Plus, Search, Settings, SquarePen } from 'lucide-react';
import { type KeyboardEvent, useMemo } from 'react';
import { BRAND } from '../../lib/brand';
import { isMac } from '../../lib/browser/media';
import { type Place, paths } from '../../lib/browser/paths';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { isConnected } from '../../model/connection';
import { isListed, type Section, sections } from '../../model/room/room';
import { totals } from '../../model/room/unread';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { IconButton } from '../../ui/IconButton';
import { Link } from '../../ui/Link';
import { Mark } from '../../ui/Mark';
import { ListSkeleton } from '../../ui/Skeleton';
import { RoomItem } from './RoomItem';

export type MakeWhat = 'conversation' | 'room' | 'group' | 'direct';

type Props = { place: Place; onJump: () => void; onMake: (what: MakeWhat) => void };

export function Sidebar({ place, onJump, onMake }: Props) {
  const { words } = useLanguage();
  const rooms = useChatState((state) => state.rooms);
  const loaded = useChatState((state) => state.roomsLoaded);
  const publicCount = useChatState((state) => state.publicCount);
  const mine = useMemo(() => Object.values(rooms).filter(isListed), [rooms]);
  const grouped = useMemo(() => sections(mine), [mine]);
  const { mentions } = totals(mine);
  const openId = place.at === 'room' ? place.roomId : undefined;
  // What is open need not be in the list.
  const here = mine.find((room) => room.id === openId);
  const first = here?.id ?? grouped.rooms[0]?.id ?? grouped.groups[0]?.id ?? grouped.direct[0]?.id;
  const t = words.list;
  const section = (name: Section, title: string, make: MakeWhat, makeLabel: string) => (
    <section aria-label={title}>
      <div className="sec">
        <span>{title}</span>
        <IconButton small label={makeLabel} onClick={() => onMake(make)}>
          <Plus className="i i-14" />
        </IconButton>
      </div>
      {grouped[name].map((room) => (
        <RoomItem key={room.id} room={room} on={room.id === openId} tabIndex={room.id === first ? 0 : -1} />
      ))}
      {loaded && grouped[name].length === 0 && <p className="sec-none">{t.none}</p>}
      {!loaded && grouped[name].length === 0 && <ListSkeleton rows={3} />}
    </section>
  );
  return (
    <nav className="side" aria-label={t.label} data-region>
      <div className="side-top">
        <Mark />
        <span className="name grow">{BRAND}</span>
        <IconButton label={t.newConversation} onClick={() => onMake('conversation')}>
          <SquarePen className="i i-18" />
        </IconButton>
      </div>
      <button type="button" className="jump" onClick={onJump}>
        <Search className="i" aria-hidden="true" />
        {t.jump}
        <kbd>{isMac() ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <div className="side-scroll" onKeyDown={walk} role="none">
        <Link
          to={paths.mentions}
          className={`ri${place.at === 'mentions' ? ' on' : ''}`}
          aria-label={t.mentions + (mentions > 0 ? `, ${mentions}` : '')}
        >
          <span className="glyph">
            <AtSign className="i" aria-hidden="true" />
          </span>
          <span className="trunc grow">{t.mentions}</span>
          <Badge count={mentions} mine />
        </Link>
        <Link to={paths.browse} className={`ri${place.at === 'browse' ? ' on' : ''}`}>
          <span className="glyph">
            <Compass className="i" aria-hidden="true" />
          </span>
          <span className="trunc grow">{t.public}</span>
          {loaded && mine.length < 2 && <Badge count={publicCount ?? 0} />}
        </Link>
        {section('rooms', t.rooms, 'room', t.newRoom)}
        {section('groups', t.groups, 'group', t.newGroup)}
        {section('direct', t.direct, 'direct', t.newDirect)}
      </div>
      <Foot />
    </nav>
  );
}

/** One tab stop; the arrows walk the rooms. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.altKey) return;
  const all = [...document.querySelectorAll<HTMLElement>('.side [data-room]')];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

function Foot() {
  const { words } = useLanguage();
  const me = useChatState((state) => state.me);
  const connection = useChatState((state) => state.connection);
  const t = words.conn;
  const connected = isConnected(connection) || connection.at === 'lost';
  const text = connected
    ? t.online
    : {
        connecting: t.connecting,
        waiting: t.reconnecting,
        trying: t.reconnecting,
        offline: t.offline,
        moving: t.moving,
      }[connection.at as 'connecting' | 'waiting' | 'trying' | 'offline' | 'moving'];
  return (
    <div className="side-foot">
      <Avatar user={me} size={32} dot={connected ? 'online' : 'offline'} />
      <div className="grow">
        <div className="who trunc" {...langProps(me.displayName)}>
          {me.displayName}
        </div>
        <div className={connected || connection.at === 'connecting' ? 'conn' : 'conn warn'}>{text}</div>
      </div>
      <Link to={paths.settings} className="ib" aria-label={words.list.settings} title={words.list.settings}>
        <Settings className="i i-18" />
      </Link>
    </div>
  );
}
