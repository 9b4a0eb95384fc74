/** A labelled field with its hint or its error. */
import { CircleAlert, Eye, EyeOff } from 'lucide-react';
import { type ComponentPropsWithRef, type ReactNode, useId, useState } from 'react';
import { useWords } from '../lib/i18n';

type Props = Omit<ComponentPropsWithRef<'input'>, 'size'> & {
  label: string;
  hint?: string;
  error?: string | undefined;
  large?: boolean;
  before?: ReactNode;
};

export function Field({ label, hint, error, large, before, ...rest }: Props) {
  const id = useId();
  const words = useWords();
  const [shown, setShown] = useState(false);
  const secret = rest.type === 'password';
  const note = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={`input${large ? ' lg' : ''}${error ? ' bad' : ''}`}>
        {before}
        <input
          {...rest}
          id={id}
          type={secret && shown ? 'text' : rest.type}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
        />
        {secret && (
          <button
            type="button"
            className="ib sm"
            aria-label={shown ? words.landing.hidePassword : words.landing.showPassword}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff className="i i-18" /> : <Eye className="i i-18" />}
          </button>
        )}
      </div>
      {note && (
        <p id={`${id}-note`} className={error ? 'err' : 'hint'} role={error ? 'alert' : undefined}>
          {error && <CircleAlert className="i i-14" aria-hidden="true" />}
          {note}
        </p>
      )}
    </div>
  );
}
