/** Photo, names and address. A new name shows everywhere at once. */
import { Camera } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import type { ChangeMe, Me } from '../../api/contract';
import { explain } from '../../api/explain';
import { useWords } from '../../lib/i18n';
import { useAccount, useNotify } from '../../realtime/hooks/use-actions';
import { useChatState } from '../../realtime/hooks/use-chat-state';
import { Avatar } from '../../ui/Avatar';
import { Field } from '../../ui/Field';

const PHOTO_BYTES_MAX = 5_000_000;

export function Profile() {
  const words = useWords();
  const t = words.settings;
  const account = useAccount();
  const notify = useNotify();
  const me = useChatState((state) => state.me);
  const [displayName, setDisplayName] = useState(me.displayName);
  const [username, setUsername] = useState(me.username);
  const [email, setEmail] = useState(me.email);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const change: ChangeMe = {
    ...(displayName.trim() === me.displayName ? {} : { displayName: displayName.trim() }),
    ...(username.trim() === me.username ? {} : { username: username.trim() }),
    ...(email.trim() === me.email ? {} : { email: email.trim() }),
  };
  const dirty = Object.keys(change).length > 0;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!dirty) return;
    setBusy(true);
    try {
      const next = await account.change(change);
      setDisplayName(next.displayName);
      setUsername(next.username);
      setEmail(next.email);
      setErrors({});
      notify(t.savedToast);
    } catch (problem) {
      const { field, text } = explain(problem, words);
      setErrors({ [field ?? 'form']: text });
    } finally {
      setBusy(false);
    }
  };
  const discard = () => {
    setDisplayName(me.displayName);
    setUsername(me.username);
    setEmail(me.email);
    setErrors({});
  };
  return (
    <>
      <Photo />
      <form className="profile-form" onSubmit={submit} noValidate>
        <Field
          label={t.displayName}
          value={displayName}
          maxLength={64}
          error={errors['displayName']}
          autoComplete="name"
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <Field
          label={t.username}
          value={username}
          maxLength={32}
          before={<span className="muted at-sign">@</span>}
          hint={t.usernameHint}
          error={errors['username']}
          autoCapitalize="none"
          spellCheck={false}
          autoComplete="username"
          onChange={(event) => setUsername(event.target.value)}
        />
        <div className="wide-field">
          <Field
            label={t.email}
            type="email"
            value={email}
            error={errors['email'] ?? errors['form']}
            autoComplete="email"
            onChange={(event) => setEmail(event.target.value)}
          />
        </div>
        <div className="form-acts">
          <button type="submit" className="btn primary" disabled={!dirty || busy}>
            {words.common.save}
          </button>
          <button type="button" className="btn plain" disabled={!dirty} onClick={discard}>
            {words.common.discard}
          </button>
        </div>
      </form>
    </>
  );
}

function Photo() {
  const words = useWords();
  const t = words.settings;
  const account = useAccount();
  const notify = useNotify();
  const me = useChatState((state) => state.me);
  const picker = useRef<HTMLInputElement>(null);
  const choose = () => picker.current?.click();
  const save = async (work: () => Promise<Me>) => {
    try {
      await work();
    } catch (problem) {
      notify(explain(problem, words).text, { bad: true, action: { label: t.chooseAnother, run: choose } });
    }
  };
  const onFile = (file: File | undefined) => {
    if (!file) return;
    if (file.size > PHOTO_BYTES_MAX)
      notify(t.photoTooBig, { bad: true, action: { label: t.chooseAnother, run: choose } });
    else void save(() => account.setPhoto(file));
  };
  return (
    <div className="photo">
      <Avatar user={me} size={72} />
      <div>
        <div className="row">
          <input
            ref={picker}
            type="file"
            accept="image/png,image/jpeg,image/webp"
            hidden
            data-testid="photo"
            onChange={(event) => {
              onFile(event.target.files?.[0]);
              event.target.value = '';
            }}
          />
          <button type="button" className="btn sm" onClick={choose}>
            <Camera className="i i-14" aria-hidden="true" />
            {t.newPhoto}
          </button>
          {me.photoUrl && (
            <button type="button" className="btn sm plain" onClick={() => void save(account.removePhoto)}>
              {t.removePhoto}
            </button>
          )}
        </div>
        <p className="muted hint-text">{t.photoHint}</p>
      </div>
    </div>
  );
}
