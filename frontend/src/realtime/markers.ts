/** Tells the server what was read, a moment later, and again until it has heard. */
import { Refused } from '../api/problem';
import { backoffMs } from '../model/backoff';
import { done, type Markers, NO_MARKERS, want } from '../model/marker';
import type { Chat } from './chat';
import { ask } from './wire';

const PAUSE_MS = 300;

/** Answers how to tell at once: where a connection begins, and where the page is left. */
export function startMarkers(chat: Chat): () => void {
  let markers: Markers = NO_MARKERS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;

  const say = async (roomId: string, seq: number) => {
    try {
      await ask(chat.wire, 'read', { roomId, seq });
    } catch (error) {
      if (!isFinal(error)) return;
    }
    markers = done(markers, roomId, seq);
  };
  const tell = async () => {
    clearTimeout(timer);
    timer = undefined;
    // The next connection tells.
    if (!chat.mine) return;
    await Promise.all([...markers.wanted].map(([roomId, seq]) => say(roomId, seq)));
    attempt = markers.wanted.size === 0 ? 0 : attempt + 1;
    if (attempt > 0) timer ??= setTimeout(tell, PAUSE_MS + backoffMs(attempt, Math.random()));
  };
  const now = () => void tell();
  chat.tellRead = (roomId, seq) => {
    const next = want(markers, roomId, seq);
    if (next === markers) return;
    markers = next;
    timer ??= setTimeout(tell, PAUSE_MS);
  };
  window.addEventListener('pagehide', now);
  chat.ends.push(() => {
    clearTimeout(timer);
    window.removeEventListener('pagehide', now);
  });
  return now;
}

/** A room that I am not in any more takes no marker and no draft; that the server is busy is another matter. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof Refused)) return false;
  const { code } = error.problem;
  return code !== 'unavailable' && code !== 'internal' && code !== 'tooManyRequests' && code !== 'unauthenticated';
}
