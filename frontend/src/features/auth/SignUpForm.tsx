/** A new account. What is wrong is said at the field, before and after the server has looked. */
import { type FormEvent, useState } from 'react';
import { changeMe, signUp } from '../../api/account';
import type { Me } from '../../api/contract';
import { explain } from '../../api/explain';
import { paths } from '../../lib/browser/paths';
import { useLanguage } from '../../lib/i18n';
import { Field } from '../../ui/Field';
import { FormError, FormHead } from './FormParts';

const USERNAME = /^[A-Za-z0-9._-]{2,32}$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const PASSWORD_MIN = 10;

type Errors = { username?: string; email?: string; password?: string; form?: string };

export function SignUpForm(props: { onSignedIn: (me: Me) => void }) {
  const { words, locale } = useLanguage();
  const t = words.landing;
  const [username, setUsername] = useState('');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Errors>({});

  const check = (): Errors => ({
    ...(USERNAME.test(username.trim()) ? {} : { username: words.problem.username }),
    ...(EMAIL.test(email.trim()) ? {} : { email: email.trim() === '' ? words.problem.required : words.problem.email }),
    ...([...password].length >= PASSWORD_MIN ? {} : { password: words.problem.password }),
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = check();
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      const { me } = await signUp({ username: username.trim(), email: email.trim(), password });
      props.onSignedIn(me.locale === locale ? me : await changeMe({ locale }).catch(() => me));
    } catch (problem) {
      const { field, text } = explain(problem, words);
      const known = field === 'username' || field === 'email' || field === 'password';
      setErrors({ [known ? field : 'form']: text });
      setBusy(false);
    }
  };

  return (
    <>
      <FormHead title={t.signUp} question={t.haveAccount} to={paths.home} other={t.signIn} />
      <form className="land-fields" onSubmit={submit} noValidate>
        <Field
          label={t.username}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          large
          required
          autoFocus
          hint={t.usernameHint}
          error={errors.username}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <Field
          label={t.email}
          name="email"
          type="email"
          autoComplete="email"
          large
          required
          error={errors.email}
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Field
          label={t.password}
          name="password"
          type="password"
          autoComplete="new-password"
          large
          required
          hint={t.passwordHint}
          error={errors.password}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <FormError text={errors.form} />
        <button type="submit" className="btn primary lg wide go" disabled={busy}>
          {t.signUp}
        </button>
      </form>
    </>
  );
}
