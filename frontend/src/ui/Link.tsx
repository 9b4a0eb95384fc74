/** A link inside the page; with Ctrl or Cmd it opens a tab like any other. */
import type { ComponentPropsWithRef } from 'react';
import { navigate } from '../lib/browser/route';

export function Link({ to, onClick, ...rest }: ComponentPropsWithRef<'a'> & { to: string }) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
      }}
    />
  );
}
