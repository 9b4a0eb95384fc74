/** Starts a direct conversation by username or address, or opens the one that is there. */
import { CircleAlert, Search } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import type { User } from '../../api/contract';
import { explain } from '../../api/explain';
import { codeOf } from '../../api/problem';
import { paths } from '../../lib/browser/paths';
import { navigate } from '../../lib/browser/route';
import { useWords } from '../../lib/i18n';
import { useRoomActions } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { useFound } from '../../realtime/hooks/use-found';
import { Options } from './Options';

const SHOWN_MAX = 6;

export function StartForm(props: { onStarted?: () => void }) {
  const words = useWords();
  const { talkTo } = useRoomActions();
  const me = useChatState((state) => state.me);
  const [who, setWho] = useState('');
  const [at, setAt] = useState(-1);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const id = useId();
  const users = useFound(who.trim()).slice(0, SHOWN_MAX);

  const start = async (member: string) => {
    const asked = member.trim().replace(/^@/, '');
    if (asked === '' || busy) return;
    const lower = asked.toLowerCase();
    if (lower === me.username.toLowerCase() || lower === me.email.toLowerCase() || asked === me.id) {
      setError(words.start.self);
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const room = await talkTo(asked);
      navigate(paths.room(room.id));
      props.onStarted?.();
    } catch (problem) {
      const unknown = codeOf(problem) === 'userNotFound';
      setError(unknown ? words.start.unknown(asked) : explain(problem, words).text);
    } finally {
      setBusy(false);
    }
  };
  const choose = (user: User) => void start(user.id);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const chosen = users[at];
    if (event.key === 'ArrowDown') setAt(Math.min(users.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(-1, at - 1));
    else if (event.key === 'Enter' && chosen) choose(chosen);
    else return;
    event.preventDefault();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void start(who);
  };
  return (
    <form onSubmit={submit} noValidate>
      <div className="start-line">
        <div className={`input lg${error ? ' bad' : ''}`}>
          <Search className="i muted" aria-hidden="true" />
          <input
            value={who}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            aria-label={words.start.field}
            placeholder={words.start.field}
            role="combobox"
            aria-expanded={users.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={at >= 0 && users[at] ? `${id}-list-${at}` : undefined}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? `${id}-error` : undefined}
            data-autofocus
            onChange={(event) => {
              setWho(event.target.value);
              setAt(-1);
              setError(undefined);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <button type="submit" className="btn primary lg go" disabled={busy}>
          {words.start.start}
        </button>
      </div>
      {error && (
        <p className="err" role="alert" id={`${id}-error`}>
          <CircleAlert className="i i-14" aria-hidden="true" />
          {error}
        </p>
      )}
      <Options
        id={`${id}-list`}
        users={users}
        query={who.trim()}
        at={at}
        hint={words.start.start}
        onHover={setAt}
        onChoose={choose}
      />
    </form>
  );
}
