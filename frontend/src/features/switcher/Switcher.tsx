/** Ctrl or Cmd K: goes to any room or person by a few letters. */
import { Hash, Lock, Search, Users } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from 'react';
import { findUsers } from '../../api/account';
import type { PublicRoom, Room, User } from '../../api/contract';
import { explain } from '../../api/explain';
import { createRoom, joinRoom, listPublicRooms } from '../../api/room';
import { useLanguage } from '../../lib/i18n';
import { paths } from '../../lib/paths';
import { navigate } from '../../lib/route';
import { rank } from '../../model/match';
import { activityOf, partnerOf, titleOf } from '../../model/room';
import { mentionCount } from '../../model/unread';
import { learnUsers, notify } from '../../realtime/chat';
import { putRoom, refreshRoom } from '../../realtime/rooms';
import { isConnected } from '../../realtime/state';
import { useChat, useChatState } from '../../realtime/use-chat';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { Highlight } from '../../ui/Highlight';

const SHOWN_MAX = 6;
const PAUSE_MS = 120;

type Hit =
  | { kind: 'room'; room: Room; user?: User }
  | { kind: 'public'; open: PublicRoom }
  | { kind: 'user'; user: User };

/** Whom the server named for these letters. */
type Found = { readonly query: string; readonly users: readonly User[] };
const NOBODY: Found = { query: '', users: [] };

/** `typed` answers what was typed before this was here. */
export function Switcher({ typed, onClose }: { typed: () => string; onClose: () => void }) {
  const { words } = useLanguage();
  const t = words.switcher;
  const chat = useChat();
  const id = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [roomsOnly, setRoomsOnly] = useState(false);
  useEffect(() => setQuery((now) => typed() + now), [typed]);
  const { rooms, people } = useHits(query.trim(), roomsOnly);
  const hits = [...rooms, ...people];

  const go = async (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    try {
      if (hit.kind === 'room') navigate(paths.room(hit.room.id));
      else if (hit.kind === 'public') {
        await joinRoom(hit.open.id);
        await refreshRoom(chat, hit.open.id);
        navigate(paths.room(hit.open.id));
      } else {
        const { room } = await createRoom({ kind: 'direct', members: [hit.user.id] });
        putRoom(chat, room);
        navigate(paths.room(room.id));
      }
    } catch (problem) {
      notify(chat, explain(problem, words).text, { bad: true });
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, hits.length));
    else if (event.key === 'ArrowUp') setAt((at - 1 + hits.length) % Math.max(1, hits.length));
    else if (event.key === 'Enter') void go(hits[at]);
    else if (event.key === 'Tab') setRoomsOnly(!roomsOnly);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, at]);
  const option = (hit: Hit, index: number) => (
    <Option
      key={keyOf(hit)}
      id={`${id}-${index}`}
      hit={hit}
      on={index === at}
      query={query.trim()}
      onHover={() => setAt(index)}
      onChoose={() => void go(hit)}
    />
  );
  return (
    <Dialog title={t.title} onClose={onClose} className="switcher" headless>
      <div className="sw-field" onKeyDown={onKeyDown} role="none">
        <Search className="i i-20" aria-hidden="true" />
        <input
          value={query}
          placeholder={words.list.jump}
          aria-label={words.list.jump}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={hits[at] ? `${id}-${at}` : undefined}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
        />
      </div>
      <div className="sw-list" id={`${id}-list`} role="listbox" aria-label={t.title}>
        {rooms.length > 0 && (
          <div role="group" aria-label={t.rooms}>
            <div className="sec" aria-hidden="true">
              {t.rooms}
            </div>
            {rooms.map(option)}
          </div>
        )}
        {people.length > 0 && (
          <div role="group" aria-label={t.people}>
            <div className="sec" aria-hidden="true">
              {t.people}
            </div>
            {people.map((hit, i) => option(hit, rooms.length + i))}
          </div>
        )}
        {hits.length === 0 && (
          <div className="empty pad" role="option" aria-selected="false" aria-disabled="true" tabIndex={-1}>
            <b>{t.nothing}</b>
            <span>{t.nothingText}</span>
          </div>
        )}
      </div>
      <div className="sw-foot muted">
        <span>
          <kbd>↑</kbd>
          <kbd>↓</kbd>
          {t.choose}
        </span>
        <span>
          <kbd>Enter</kbd>
          {t.open}
        </span>
        <span>
          <kbd>Tab</kbd>
          {roomsOnly ? t.everything : t.roomsOnly}
        </span>
        <span className="end">
          <kbd>Esc</kbd>
          {t.close}
        </span>
      </div>
    </Dialog>
  );
}

function keyOf(hit: Hit): string {
  return hit.kind === 'room' ? hit.room.id : hit.kind === 'public' ? hit.open.id : hit.user.id;
}

function Option(props: {
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
  const presence = useChatState((state) => state.presence);
  const connected = useChatState((state) => isConnected(state.connection));
  const user = hit.kind === 'public' ? undefined : hit.user;
  const room = hit.kind === 'room' ? hit.room : undefined;
  const title = room && !user ? titleOf(room, room.alias) : hit.kind === 'public' ? hit.open.name : '';
  const mentions = room ? mentionCount(room) : 0;
  return (
    <>
      {user ? (
        <Avatar user={user} size={24} dot={connected ? presence[user.id]?.status : undefined} />
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

function useHits(query: string, roomsOnly: boolean): { rooms: Hit[]; people: Hit[] } {
  const chat = useChat();
  const state = useChatState((s) => s.rooms);
  const meId = useChatState((s) => s.me.id);
  const [open, setOpen] = useState<readonly PublicRoom[]>([]);
  const [found, setFound] = useState<Found>(NOBODY);
  useEffect(() => {
    listPublicRooms().then(setOpen, () => undefined);
  }, []);
  useEffect(() => {
    if (query === '') {
      setFound(NOBODY);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      findUsers(query)
        .then((users) => {
          learnUsers(chat, users);
          if (current) setFound({ query, users });
        })
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [query, chat]);
  return useMemo(() => {
    const mine = Object.values(state).filter((room) => room.myRole !== undefined);
    const rooms: Hit[] = ranked(
      mine.filter((room) => room.kind !== 'direct'),
      query,
    ).map((room) => ({ kind: 'room', room }));
    const others = open.filter(
      (room) => state[room.id]?.myRole === undefined && query !== '' && rank(room.name, query) > 0,
    );
    for (const room of others) rooms.push({ kind: 'public', open: room });
    if (roomsOnly) return { rooms: rooms.slice(0, SHOWN_MAX * 2), people: [] };
    const direct = ranked(
      mine.filter((room) => room.kind === 'direct'),
      query,
    );
    const people: Hit[] = direct.map((room) => {
      const user = partnerOf(room);
      return user ? { kind: 'room', room, user } : { kind: 'room', room };
    });
    const talked = new Set(mine.map((room) => partnerOf(room)?.id));
    for (const user of fitting(found, query)) {
      if (!talked.has(user.id) && user.id !== meId) people.push({ kind: 'user', user });
    }
    return { rooms: rooms.slice(0, SHOWN_MAX), people: people.slice(0, SHOWN_MAX) };
  }, [state, open, found, query, roomsOnly, meId]);
}

/** Of people found for fewer letters, those whom the letters of now still name: Enter must not open somebody else. */
function fitting({ query: asked, users }: Found, query: string): readonly User[] {
  if (asked === query) return users;
  return users.filter((user) => Math.max(rank(user.username, query), rank(user.displayName, query)) > 0);
}

/** Unread that names me, then unread, then recent; among equals the better match. */
function ranked(rooms: readonly Room[], query: string): readonly Room[] {
  const match = (room: Room) =>
    Math.max(
      rank(titleOf(room, ''), query),
      ...room.people.map((user) => (room.kind === 'direct' ? rank(user.username, query) : 0)),
    );
  const urgency = (room: Room) => (mentionCount(room) > 0 ? 2 : room.unread > 0 ? 1 : 0);
  return rooms
    .filter((room) => match(room) > 0)
    .sort((a, b) => urgency(b) - urgency(a) || match(b) - match(a) || activityOf(b).localeCompare(activityOf(a)));
}
