/** Tells the server what is being written, a second after the last key, and again until it has heard. */
import { untold } from '../model/draft';
import type { Chat } from './chat';
import { draftNews, draftOf, draftTaken } from './drafts';
import { isFinal } from './markers';
import { startTelling } from './telling';
import { ask } from './wire';

const PAUSE_MS = 1000;

/** Answers how to tell at once: where a connection begins. */
export function startTeller(chat: Chat): () => void {
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
  const { now, whenQuiet } = startTelling(chat, PAUSE_MS, async () => {
    const done = await Promise.all(Object.keys(chat.store.get().drafts).map(say));
    return done.every((one) => one);
  });
  chat.tellDrafts = (when) => (when === 'now' ? now() : whenQuiet());
  return now;
}
