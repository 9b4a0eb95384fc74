/** Tells the server what only this device knows, a moment later, and again until it has heard all of it. */
import { backoffMs } from '../model/backoff';
import type { Chat } from './chat';

export type Telling = {
  /** At once: where a connection begins, and where the page is left. */
  readonly now: () => void;
  /** After the pause, however much more comes in it. */
  readonly soon: () => void;
  /** When nothing more has come for as long as the pause. */
  readonly whenQuiet: () => void;
};

/** `say` tells everything there is, and answers whether that is all there is to do. */
export function startTelling(chat: Chat, pauseMs: number, say: () => Promise<boolean>): Telling {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  const tell = async () => {
    clearTimeout(timer);
    timer = undefined;
    // The next connection tells.
    if (!chat.mine) return;
    attempt = (await say()) ? 0 : attempt + 1;
    if (attempt > 0) timer ??= setTimeout(tell, pauseMs + backoffMs(attempt, Math.random()));
  };
  const now = () => void tell();
  window.addEventListener('pagehide', now);
  chat.ends.push(() => {
    clearTimeout(timer);
    window.removeEventListener('pagehide', now);
  });
  return {
    now,
    soon: () => {
      timer ??= setTimeout(tell, pauseMs);
    },
    whenQuiet: () => {
      clearTimeout(timer);
      timer = setTimeout(tell, pauseMs);
    },
  };
}
