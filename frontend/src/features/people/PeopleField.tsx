/** Several people as chips: found by name, or entered as a username or an address. */
import { CircleAlert, X } from 'lucide-react';
import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import type { User } from '../../api/contract';
import { useWords } from '../../lib/i18n';
import { langProps } from '../../lib/text/lang';
import { useFound } from '../../realtime/hooks/use-found';
import { Avatar } from '../../ui/Avatar';
import { Options } from './Options';

export type Chip = { readonly key: string; readonly user?: User; readonly unknown?: boolean };

type Props = {
  chips: readonly Chip[];
  onChange: (chips: readonly Chip[]) => void;
  except?: ReadonlySet<string>;
  error?: string | undefined;
};

const NOBODY: ReadonlySet<string> = new Set();
const SHOWN_MAX = 6;

export function PeopleField({ chips, onChange, except = NOBODY, error }: Props) {
  const words = useWords();
  const t = words.group;
  const id = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const taken = useMemo(() => new Set([...except, ...chips.flatMap((chip) => chip.user?.id ?? [])]), [chips, except]);
  const found = useFound(query.trim());
  const users = found.filter((user) => !taken.has(user.id)).slice(0, SHOWN_MAX);
  const unknown = chips.filter((chip) => chip.unknown);

  const add = (chip: Chip) => {
    setQuery('');
    setAt(0);
    if (!chips.some((other) => other.key === chip.key)) onChange([...chips, chip]);
  };
  const enter = (text: string) => {
    const name = text.trim().replace(/^@/, '').replace(/,$/, '');
    if (name !== '') add({ key: name });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const chosen = users[at];
    if (event.key === 'ArrowDown') setAt((at + 1) % Math.max(1, users.length));
    else if (event.key === 'ArrowUp') setAt((at - 1 + users.length) % Math.max(1, users.length));
    else if ((event.key === 'Enter' || event.key === 'Tab') && query !== '' && chosen && !query.includes('@'))
      add({ key: chosen.id, user: chosen });
    else if ((event.key === 'Enter' || event.key === ',' || event.key === 'Tab') && query.trim() !== '') enter(query);
    else if (event.key === 'Enter') return event.preventDefault();
    else if (event.key === 'Backspace' && query === '') onChange(chips.slice(0, -1));
    else return;
    event.preventDefault();
  };
  const problem = unknown.length > 0 ? words.start.unknown(unknown.map((chip) => chip.key).join(', ')) : error;
  return (
    <div className="field">
      <label htmlFor={id}>{t.people}</label>
      <div className="chipbox">
        {chips.map((chip) => {
          const name = chip.user?.displayName ?? chip.key;
          return (
            <span key={chip.key} className={`pchip${chip.unknown ? ' bad' : ''}${chip.user ? '' : ' text'}`}>
              {chip.user && <Avatar user={chip.user} size={20} />}
              <span {...langProps(name)}>{name}</span>
              <button
                type="button"
                aria-label={t.removeChip(name)}
                onClick={() => onChange(chips.filter((other) => other.key !== chip.key))}
              >
                <X className="i i-14" />
              </button>
            </span>
          );
        })}
        <input
          id={id}
          value={query}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          placeholder={chips.length === 0 ? t.find : ''}
          role="combobox"
          aria-expanded={users.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={users[at] ? `${id}-list-${at}` : undefined}
          aria-describedby={problem ? `${id}-error` : undefined}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onBlur={() => enter(query)}
          onKeyDown={onKeyDown}
        />
      </div>
      {problem && (
        <p className="err" id={`${id}-error`} role="alert">
          <CircleAlert className="i i-14" aria-hidden="true" />
          {problem}
        </p>
      )}
      <Options
        id={`${id}-list`}
        users={users}
        query={query.trim()}
        at={at}
        hint={t.add}
        onHover={setAt}
        onChoose={(user) => add({ key: user.id, user })}
      />
    </div>
  );
}

/** Marks the chips that the server does not know, by what it said about them. */
export function markUnknown(chips: readonly Chip[], detail: string): readonly Chip[] {
  const typed = chips.filter((chip) => !chip.user);
  const named = typed.filter((chip) => detail.toLowerCase().includes(chip.key.toLowerCase()));
  const bad = new Set((named.length > 0 ? named : typed).map((chip) => chip.key));
  return chips.map((chip) => (bad.has(chip.key) ? { ...chip, unknown: true } : chip));
}
