/** Sends state of this device to the server after a delay, and retries until the server has all of it. */
import { createBackoff } from '../lib/retry';
import type { Session } from './session/session';

type SyncTimer = {
  /** At once: where the page is left. */
  readonly now: () => void;
  /** After the pause, however much more comes in it. */
  readonly soon: () => void;
  /** When nothing more has come for as long as the pause. */
  readonly whenQuiet: () => void;
  readonly stop: () => void;
};

type Deps = {
  session: Pick<Session, 'isConfirmed' | 'onConfirmed'>;
  pauseMs: number;
  /** Sends everything pending, and returns whether all of it was accepted. */
  send: () => Promise<boolean>;
};

/** Every connection begins with it. */
export function createSyncTimer({ session, pauseMs, send }: Deps): SyncTimer {
  const backoff = createBackoff();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = async () => {
    clearTimeout(timer);
    timer = undefined;
    // The next connection sends it.
    if (!session.isConfirmed()) return;
    if (await send()) backoff.reset();
    else timer ??= setTimeout(run, pauseMs + backoff.nextMs());
  };
  const now = () => void run();
  const unsubscribe = session.onConfirmed(now);
  window.addEventListener('pagehide', now);
  return {
    now,
    soon: () => {
      timer ??= setTimeout(run, pauseMs);
    },
    whenQuiet: () => {
      clearTimeout(timer);
      timer = setTimeout(run, pauseMs);
    },
    stop: () => {
      clearTimeout(timer);
      unsubscribe();
      window.removeEventListener('pagehide', now);
    },
  };
}
