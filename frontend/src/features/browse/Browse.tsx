/** Public rooms: find, join, open. */
import { ArrowLeft, ChevronDown, Hash, Plus, Search } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { PublicRoom } from '../../api/contract';
import { explain } from '../../api/explain';
import { useLanguage } from '../../lib/i18n';
import { langProps } from '../../lib/lang';
import { paths } from '../../lib/paths';
import { goBack, navigate } from '../../lib/route';
import { longWhen } from '../../lib/time';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { IconButton } from '../../ui/IconButton';
import { Menu } from '../../ui/Menu';
import { ListSkeleton } from '../../ui/Skeleton';

type Sort = 'active' | 'name' | 'people';

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
            <Item key={room.id} room={room} onJoin={join} />
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

function Item({ room, onJoin }: { room: PublicRoom; onJoin: (room: PublicRoom) => void }) {
  const { words, locale } = useLanguage();
  const t = words.browse;
  return (
    <li className="pr">
      <span className="gl" aria-hidden="true">
        <Hash className="i i-18" />
      </span>
      <div className="grow pr-text">
        <div className="row">
          <b className="trunc" {...langProps(room.name)}>
            {room.name}
          </b>
          {room.joined && <span className="tag ok">{t.isJoined}</span>}
        </div>
        {room.topic && (
          <div className="t2 trunc pr-topic" {...langProps(room.topic)}>
            {room.topic}
          </div>
        )}
      </div>
      <span className="muted num pr-people">{t.people(room.memberCount)}</span>
      <span className="muted pr-when">{room.activeAt ? longWhen(room.activeAt, locale) : t.quiet}</span>
      {room.joined ? (
        <button
          type="button"
          className="btn sm plain pr-go"
          aria-label={`${t.open} ${room.name}`}
          onClick={() => navigate(paths.room(room.id))}
        >
          {t.open}
        </button>
      ) : (
        <button
          type="button"
          className="btn sm pr-go"
          aria-label={`${t.join} ${room.name}`}
          onClick={() => onJoin(room)}
        >
          {t.join}
        </button>
      )}
    </li>
  );
}

function usePublicRooms() {
  const { join: enter, listPublic } = useRoomActions();
  const notify = useNotify();
  const { words } = useLanguage();
  const mine = useChatState((state) => state.rooms);
  const [list, setList] = useState<readonly PublicRoom[]>();
  const [failed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new try reads again
  useEffect(() => {
    setFailed(false);
    listPublic().then(setList, () => setFailed(true));
  }, [listPublic, tries]);
  const join = async (room: PublicRoom) => {
    try {
      await enter(room.id);
      setList((now) =>
        now?.map((other) =>
          other.id === room.id ? { ...other, joined: true, memberCount: other.memberCount + 1 } : other,
        ),
      );
      notify(words.browse.youJoined(room.name), {
        action: { label: words.common.open, run: () => navigate(paths.room(room.id)) },
      });
    } catch (problem) {
      notify(explain(problem, words).text, { bad: true });
    }
  };
  const rooms = useMemo(
    () => list?.map((room) => ({ ...room, joined: mine[room.id]?.myRole !== undefined || room.joined })),
    [list, mine],
  );
  return { rooms, failed, join: (room: PublicRoom) => void join(room), reload: () => setTries(tries + 1) };
}

function filtered(rooms: readonly PublicRoom[], query: string, joinedOnly: boolean): readonly PublicRoom[] {
  const asked = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rooms.filter((room) => {
    if (joinedOnly && !room.joined) return false;
    const text = `${room.name} ${room.topic ?? ''}`.toLowerCase();
    return asked.every((word) => text.includes(word));
  });
}

function sorted(rooms: readonly PublicRoom[], sort: Sort): readonly PublicRoom[] {
  const by: Record<Sort, (a: PublicRoom, b: PublicRoom) => number> = {
    active: (a, b) => (b.activeAt ?? '').localeCompare(a.activeAt ?? ''),
    name: (a, b) => a.name.localeCompare(b.name),
    people: (a, b) => b.memberCount - a.memberCount,
  };
  return [...rooms].sort(by[sort]);
}
