/** Public rooms: find, join, open. */
import { ArrowLeft, ChevronDown, Plus, Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { paths } from '../../lib/browser/paths';
import { goBack } from '../../lib/browser/route';
import { useLanguage } from '../../lib/i18n';
import { IconButton } from '../../ui/IconButton';
import { Menu } from '../../ui/overlay/Menu';
import { ListSkeleton } from '../../ui/Skeleton';
import { RoomItem } from './RoomItem';
import { filtered, type Sort, sorted } from './sort';
import { usePublicRooms } from './use-public-rooms';

export function Browse(props: { onMake: () => void; phone: boolean }) {
  const { words } = useLanguage();
  const t = words.browse;
  const { rooms, failed, join, reload } = usePublicRooms();
  const [query, setQuery] = useState('');
  const [joinedOnly, setJoinedOnly] = useState(false);
  const [sort, setSort] = useState<Sort>('active');
  const [menu, setMenu] = useState<HTMLElement>();
  const shown = useMemo(() => sorted(filtered(rooms ?? [], query, joinedOnly), sort), [rooms, query, joinedOnly, sort]);
  const joined = rooms?.filter((room) => room.joined).length ?? 0;
  const sorts: Record<Sort, string> = { active: t.sortActive, name: t.sortName, people: t.sortPeople };
  return (
    <main className="main page-scroll" data-region>
      <div className="browse">
        <div className="ph1">
          {props.phone && (
            <IconButton label={words.common.back} onClick={() => goBack(paths.home)}>
              <ArrowLeft className="i i-20" />
            </IconButton>
          )}
          <h1>{t.title}</h1>
          <span className="muted ph-sub grow">{t.sub}</span>
          <button type="button" className="btn primary" onClick={props.onMake}>
            <Plus className="i" aria-hidden="true" />
            {words.list.newRoom}
          </button>
        </div>
        <div className="browse-tools">
          <div className="input quiet grow">
            <Search className="i muted" aria-hidden="true" />
            <input
              type="search"
              value={query}
              placeholder={t.find}
              aria-label={t.find}
              onChange={(event) => setQuery(event.target.value)}
            />
          </div>
          <div className="seg tall" role="group" aria-label={t.title}>
            <button
              type="button"
              className={joinedOnly ? '' : 'on'}
              aria-pressed={!joinedOnly}
              onClick={() => setJoinedOnly(false)}
            >
              {t.all(rooms?.length ?? 0)}
            </button>
            <button
              type="button"
              className={joinedOnly ? 'on' : ''}
              aria-pressed={joinedOnly}
              onClick={() => setJoinedOnly(true)}
            >
              {t.joined(joined)}
            </button>
          </div>
          <button
            type="button"
            className="btn sort"
            aria-haspopup="menu"
            aria-expanded={menu !== undefined}
            onClick={(event) => setMenu(event.currentTarget)}
          >
            {sorts[sort]}
            <ChevronDown className="i i-14" aria-hidden="true" />
          </button>
          {menu && (
            <Menu
              anchor={menu}
              label={t.sort}
              onClose={() => setMenu(undefined)}
              items={(['active', 'name', 'people'] as const).map((by) => ({
                label: sorts[by],
                checked: by === sort,
                run: () => setSort(by),
              }))}
            />
          )}
        </div>
        {!rooms && !failed && <ListSkeleton rows={8} />}
        {failed && (
          <div className="empty pad">
            <h2>{words.problem.offline}</h2>
            <button type="button" className="btn" onClick={reload}>
              {words.common.tryAgain}
            </button>
          </div>
        )}
        <ul>
          {shown.map((room) => (
            <RoomItem key={room.id} room={room} onJoin={join} />
          ))}
        </ul>
        {rooms && shown.length === 0 && (
          <div className="empty pad">
            <h2>{rooms.length === 0 ? t.empty : t.nothing}</h2>
            <p>{rooms.length === 0 ? t.emptyText : t.nothingText}</p>
            <button type="button" className="btn" onClick={props.onMake}>
              {words.list.newRoom}
            </button>
          </div>
        )}
      </div>
    </main>
  );
}
