/** Who was signed in last, so that a reload shows the dashboard before the server has answered. */
import type { Me } from '../api/contract';

const KEPT = 'chat.me';

export function keptMe(): Me | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
    return typeof kept === 'object' && kept !== null && 'id' in kept ? (kept as Me) : undefined;
  } catch {
    return undefined;
  }
}

export function keepMe(me: Me | undefined): void {
  if (me) localStorage.setItem(KEPT, JSON.stringify(me));
  else localStorage.removeItem(KEPT);
}
