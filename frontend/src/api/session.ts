/**
 * What this browser knows of its session. The cookie is the server's, the page cannot read it, and there is one for all
 * tabs: what one of them does with it the others hear from here.
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
 * Signed out on this device, and the server may not have heard of it: only it can end the session. The wish is kept
 * until it is fulfilled. By then nothing of the account is shown, and whoever signs in fulfils it first.
 */
export function isLeaving(): boolean {
  return localStorage.getItem(LEAVING) !== null;
}

export function leave(): void {
  localStorage.setItem(LEAVING, 'yes');
  keepMe(undefined);
}

let running: Promise<void> | undefined;

/** Tells the server, once however many ask; fails where it does not answer. */
export function finishLeaving(): Promise<void> {
  if (!isLeaving()) return Promise.resolve();
  running ??= tellServer().finally(() => {
    running = undefined;
  });
  return running;
}

async function tellServer(): Promise<void> {
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
  /** Signed out; the server may not have heard of it. */
  | { readonly did: 'leave' }
  /** Told the server of it. */
  | { readonly did: 'finishLeaving' };

export function onOtherTab(listener: (told: OtherTab) => void): () => void {
  const hear = (event: StorageEvent) => {
    if (event.key === LEAVING) listener({ did: event.newValue === null ? 'finishLeaving' : 'leave' });
    const me = event.key === ME ? parsed(event.newValue) : undefined;
    if (me) listener({ did: 'signIn', me });
  };
  window.addEventListener('storage', hear);
  return () => window.removeEventListener('storage', hear);
}
