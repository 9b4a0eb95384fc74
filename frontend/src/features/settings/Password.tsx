/** A new password; every other session ends. */
import { type FormEvent, useState } from 'react';
import { changePassword } from '../../api/account';
import { explain } from '../../api/explain';
import { codeOf } from '../../api/problem';
import { useWords } from '../../lib/i18n';
import { useNotify } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Field } from '../../ui/Field';

const PASSWORD_MIN = 10;

export function Password() {
  const words = useWords();
  const t = words.settings;
  const notify = useNotify();
  const username = useChatState((state) => state.me.username);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [errors, setErrors] = useState<{ current?: string; next?: string }>({});
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ([...next].length < PASSWORD_MIN) return setErrors({ next: words.problem.password });
    setBusy(true);
    try {
      await changePassword({ currentPassword: current, newPassword: next });
      setCurrent('');
      setNext('');
      setErrors({});
      notify(t.changed);
    } catch (problem) {
      const { field, text } = explain(problem, words);
      const wrong = codeOf(problem) === 'wrongCredentials' || field === 'currentPassword';
      setErrors(wrong ? { current: words.problem.wrongPassword } : { next: text });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="profile-form" onSubmit={submit} noValidate>
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      <Field
        label={t.current}
        type="password"
        autoComplete="current-password"
        value={current}
        error={errors.current}
        onChange={(event) => setCurrent(event.target.value)}
      />
      <Field
        label={t.next}
        type="password"
        autoComplete="new-password"
        value={next}
        hint={words.landing.passwordHint}
        error={errors.next}
        onChange={(event) => setNext(event.target.value)}
      />
      <div className="form-acts">
        <button type="submit" className="btn primary" disabled={busy || current === '' || next === ''}>
          {t.change}
        </button>
      </div>
    </form>
  );
}
