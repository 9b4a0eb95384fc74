/** Finds and chooses an emoji. Arrows walk the grid, Enter takes it. */
import { Search } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { TOUCH } from '../../lib/browser/media';
import { useLanguage } from '../../lib/i18n';
import { EMOJI, nameOf } from './emoji';

const COLUMNS = 8;

export function EmojiPicker(props: { onChoose: (emoji: string) => void }) {
  const { words, locale } = useLanguage();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [touch] = useState(() => matchMedia(TOUCH).matches);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => {
    const asked = query.trim().toLowerCase();
    return asked === '' ? EMOJI : EMOJI.filter((emoji) => emoji.words.includes(asked) || emoji.char === asked);
  }, [query]);
  // It may come after what it lies in. A touch chooses by the eye: no keyboard over the pictures.
  useEffect(() => (touch ? box : field).current?.focus(), [touch]);
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(found.length - 1, at + step)));
      document.getElementById(`${id}-${Math.max(0, at + step)}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const emoji = found[at];
      if (emoji) props.onChoose(emoji.char);
    }
  };
  return (
    <div className="emoji" ref={box} tabIndex={-1} data-autofocus={touch || undefined}>
      <div className="input">
        <Search className="i muted" aria-hidden="true" />
        <input
          ref={field}
          value={query}
          placeholder={words.act.findEmoji}
          aria-label={words.act.findEmoji}
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-grid`}
          aria-activedescendant={found[at] ? `${id}-${at}` : undefined}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </div>
      <div className="emoji-grid" id={`${id}-grid`} role="listbox" aria-label={words.act.choose}>
        {found.map((emoji, i) => (
          <button
            key={emoji.char}
            id={`${id}-${i}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={i === at}
            aria-label={`${emoji.char} ${nameOf(emoji, locale)}`}
            className={i === at ? 'on' : ''}
            onMouseMove={() => setAt(i)}
            onClick={() => props.onChoose(emoji.char)}
          >
            {emoji.char}
          </button>
        ))}
      </div>
      {found.length === 0 && <p className="muted none">{words.act.noEmoji}</p>}
    </div>
  );
}
