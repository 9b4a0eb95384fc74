/** A button that is only a picture: it always has a name, and shows it as a hint. */
import type { ComponentPropsWithRef, ReactNode } from 'react';

type Props = ComponentPropsWithRef<'button'> & { label: string; children: ReactNode; small?: boolean; on?: boolean };

export function IconButton({ label, children, small, on, className, ...rest }: Props) {
  const classes = ['ib', small ? 'sm' : '', on ? 'on' : '', className ?? ''].filter(Boolean).join(' ');
  return (
    <button type="button" {...rest} className={classes} aria-label={label} title={label}>
      {children}
    </button>
  );
}
