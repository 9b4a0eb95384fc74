/** Tells the server what was read, a moment later, and again until it has heard. */
import { Refused } from '../api/problem';
import { done, type Markers, NO_MARKERS, want } from '../model/marker';
import type { Chat } from './chat';
import { startTelling } from './telling';
import { ask } from './wire';

const PAUSE_MS = 300;

/** Answers how to tell at once: where a connection begins, and where the page is left. */
export function startMarkers(chat: Chat): () => void {
  let markers: Markers = NO_MARKERS;
  const say = async (roomId: string, seq: number) => {
    try {
      await ask(chat.wire, 'read', { roomId, seq });
    } catch (error) {
      if (!isFinal(error)) return;
    }
    markers = done(markers, roomId, seq);
  };
  const { now, soon } = startTelling(chat, PAUSE_MS, async () => {
    await Promise.all([...markers.wanted].map(([roomId, seq]) => say(roomId, seq)));
    return markers.wanted.size === 0;
  });
  chat.tellRead = (roomId, seq) => {
    const next = want(markers, roomId, seq);
    if (next === markers) return;
    markers = next;
    soon();
  };
  return now;
}

/** A room that I am not in any more takes no marker and no draft; that the server is busy is another matter. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof Refused)) return false;
  const { code } = error.problem;
  return code !== 'unavailable' && code !== 'internal' && code !== 'tooManyRequests' && code !== 'unauthenticated';
}
