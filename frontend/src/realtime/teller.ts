/** Tells the server what is being written, a second after the last key, and again until it has heard. */
import { backoffMs } from '../model/backoff';
import { untold } from '../model/draft';
import type { Chat } from './chat';
import { draftNews, draftOf, draftTaken } from './drafts';
import { isFinal } from './markers';
import { ask } from './wire';

const PAUSE_MS = 1000;

/** Answers how to tell at once: where a connection begins. */
export function startTeller(chat: Chat): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;

  /** Answers whether that is all there is to do. */
  const say = async (roomId: string): Promise<boolean> => {
    const words = untold(draftOf(chat, roomId));
    if (!words) return true;
    const { text, ...reply } = words;
    draftNews(chat, roomId);
    try {
      await ask(chat.wire, 'draft', { roomId, content: text, ...reply });
    } catch (error) {
      return isFinal(error);
    }
    draftTaken(chat, roomId, words);
    return true;
  };
  const tell = async () => {
    clearTimeout(timer);
    timer = undefined;
    // The next connection tells.
    if (!chat.mine) return;
    const done = await Promise.all(Object.keys(chat.store.get().drafts).map(say));
    attempt = done.every((one) => one) ? 0 : attempt + 1;
    if (attempt > 0) timer ??= setTimeout(tell, PAUSE_MS + backoffMs(attempt, Math.random()));
  };
  const now = () => void tell();
  chat.tellDrafts = (when) => {
    if (when === 'now') return now();
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE_MS);
  };
  window.addEventListener('pagehide', now);
  chat.ends.push(() => {
    clearTimeout(timer);
    window.removeEventListener('pagehide', now);
  });
  return now;
}
