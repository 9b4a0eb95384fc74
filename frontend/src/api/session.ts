/**
 * What this browser knows of its session. The page cannot read the server's cookie, which all tabs share: tabs notify
 * each other here.
 */
import { post } from './client';
import type { Me } from './contract';
import { codeOf } from './problem';

const ME = 'chat.me';
const LEAVING = 'chat.leaving';

/** Who was signed in last, so that a reload shows the dashboard before the server has answered. */
export function keptMe(): Me | undefined {
  return parsed(localStorage.getItem(ME));
}

export function keepMe(me: Me | undefined): void {
  if (me) localStorage.setItem(ME, JSON.stringify(me));
  else localStorage.removeItem(ME);
}

function parsed(text: string | null): Me | undefined {
  try {
    const kept: unknown = JSON.parse(text ?? 'null');
    return typeof kept === 'object' && kept !== null && 'id' in kept ? (kept as Me) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Signed out on this device, and the server may not know: only it can end the session. The sign-out is stored until it
 * is completed. Until then nothing of the account is shown, and the next sign-in completes it first.
 */
export function isSignOutPending(): boolean {
  return localStorage.getItem(LEAVING) !== null;
}

export function signOutLocally(): void {
  localStorage.setItem(LEAVING, 'yes');
  keepMe(undefined);
}

let running: Promise<void> | undefined;

/** Reports it to the server; concurrent calls share one request. Fails where it does not answer. */
export function finishSignOut(): Promise<void> {
  if (!isSignOutPending()) return Promise.resolve();
  running ??= reportToServer().finally(() => {
    running = undefined;
  });
  return running;
}

async function reportToServer(): Promise<void> {
  try {
    await post('/api/auth/sign-out');
  } catch (error) {
    if (codeOf(error) !== 'unauthenticated') throw error;
  }
  localStorage.removeItem(LEAVING);
}

/** What another tab did with the session. */
type OtherTab =
  | { readonly did: 'signIn'; readonly me: Me }
  /** Signed out; the server may not know. */
  | { readonly did: 'leave' }
  /** The server knows of the sign-out. */
  | { readonly did: 'finishSignOut' };

export function onOtherTab(listener: (tab: OtherTab) => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === LEAVING) listener({ did: event.newValue === null ? 'finishSignOut' : 'leave' });
    const me = event.key === ME ? parsed(event.newValue) : undefined;
    if (me) listener({ did: 'signIn', me });
  };
  window.addEventListener('storage', onStorage);
  return () => window.removeEventListener('storage', onStorage);
}
