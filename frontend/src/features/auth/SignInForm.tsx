/** Sign-in with a username or an address. */
import { type FormEvent, useState } from 'react';
import { signIn } from '../../api/account';
import type { Me } from '../../api/contract';
import { explain } from '../../api/explain';
import { paths } from '../../lib/browser/paths';
import { useWords } from '../../lib/i18n';
import { Field } from '../../ui/Field';
import { FormError, FormHead } from './FormParts';

export function SignInForm(props: { onSignedIn: (me: Me) => void }) {
  const words = useWords();
  const t = words.landing;
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (login.trim() === '' || password === '') {
      setError(words.problem.wrong);
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      const { me } = await signIn({ login: login.trim(), password });
      props.onSignedIn(me);
    } catch (problem) {
      setError(explain(problem, words).text);
      setBusy(false);
    }
  };

  return (
    <>
      <FormHead title={t.signIn} question={t.newHere} to={paths.signUp} other={t.signUp} />
      <form className="land-fields" onSubmit={submit} noValidate>
        <Field
          label={t.login}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          large
          required
          autoFocus
          value={login}
          onChange={(event) => setLogin(event.target.value)}
        />
        <Field
          label={t.password}
          name="password"
          type="password"
          autoComplete="current-password"
          large
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormError text={error} />
        <button type="submit" className="btn primary lg wide go" disabled={busy}>
          {t.signIn}
        </button>
      </form>
    </>
  );
}
