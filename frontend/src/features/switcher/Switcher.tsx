/** Ctrl or Cmd K: goes to any room or person by a few letters. */
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useState } from 'react';
import { explain } from '../../api/explain';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useLanguage, useWords } from '../../lib/i18n';
import { useNotify, useRoomActions } from '../../realtime/hooks/use-actions';
import { Dialog } from '../../ui/overlay/Dialog';
import { type Hit, keyOf, useHits } from './hits';
import { Option } from './Option';

/** `typed` answers what was typed before this was here. */
export function Switcher({ typed, onClose }: { typed: () => string; onClose: () => void }) {
  const { words } = useLanguage();
  const t = words.switcher;
  const go = useGo(onClose);
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
      <Foot roomsOnly={roomsOnly} />
    </Dialog>
  );
}

/** Which keys do what. */
function Foot({ roomsOnly }: { roomsOnly: boolean }) {
  const t = useWords().switcher;
  return (
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
  );
}

/** Goes to what was chosen, which may have to be joined or made first. */
function useGo(onClose: () => void): (hit: Hit | undefined) => Promise<void> {
  const words = useWords();
  const { join, talkTo } = useRoomActions();
  const notify = useNotify();
  return async (hit) => {
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
}
