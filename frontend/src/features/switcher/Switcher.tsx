/** Ctrl or Cmd K: goes to any room or person by a few letters. */
import { Hash, Lock, Search, Users } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { explain } from '../../api/explain';
import { useLanguage } from '../../lib/i18n';
import { paths } from '../../lib/paths';
import { navigate } from '../../lib/route';
import { titleOf } from '../../model/room/room';
import { mentionCount } from '../../model/room/unread';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { usePresence } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { Highlight } from '../../ui/Highlight';
import { type Hit, keyOf, useHits } from './hits';

/** `typed` answers what was typed before this was here. */
export function Switcher({ typed, onClose }: { typed: () => string; onClose: () => void }) {
  const { words } = useLanguage();
  const t = words.switcher;
  const { join, talkTo } = useRoomActions();
  const notify = useNotify();
  const id = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [roomsOnly, setRoomsOnly] = useState(false);
  useEffect(() => {
    const before = typed();
    if (before !== '') setQuery((now) => before + now);
  }, [typed]);
  const { rooms, people } = useHits(query.trim(), roomsOnly);
  const hits = [...rooms, ...people];

  const go = async (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    try {
      if (hit.kind === 'room') navigate(paths.room(hit.room.id));
      else if (hit.kind === 'public') {
        await join(hit.open.id);
        navigate(paths.room(hit.open.id));
      } else {
        const room = await talkTo(hit.user.id);
        navigate(paths.room(room.id));
      }
    } catch (problem) {
      notify(explain(problem, words).text, { bad: true });
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
