/** Whether the panel beside a conversation is open. */
import { useEffect, useState } from 'react';
import { useStep } from '../../lib/browser/route';

const PANEL = 'chat.panel';

/** Open or not is remembered where there is room for it; on a phone it is a page. */
export function usePanel(narrow: boolean, phone: boolean): [boolean, (open: boolean) => void] {
  const page = useStep(PANEL);
  const [open, setOpen] = useState(() => !narrow && localStorage.getItem(PANEL) === 'open');
  useEffect(() => {
    if (narrow) setOpen(false);
  }, [narrow]);
  if (phone) return page;
  return [
    open,
    (next) => {
      setOpen(next);
      if (!narrow) localStorage.setItem(PANEL, next ? 'open' : 'closed');
    },
  ];
}
