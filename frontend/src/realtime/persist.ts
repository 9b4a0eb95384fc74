/** Not giving up: work that has to be done as long as there is a connection. */
import { codeOf } from '../api/problem';
import { backoffMs } from '../model/backoff';
import type { Chat } from './chat';

/**
 * Tries until it is done, with growing pauses, and ends with the connection: the next one begins anew. Work that a
 * refusal ends must say so by being done. Answers whether it is.
 */
export async function persist(chat: Chat, work: () => Promise<unknown>): Promise<boolean> {
  const { id } = chat.wire;
  for (let attempt = 0; chat.wire.connected && chat.wire.id === id; attempt += 1) {
    try {
      await work();
      return true;
    } catch (error) {
      if (codeOf(error) === 'unauthenticated') {
        chat.end({ why: 'expired' });
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, backoffMs(attempt, Math.random())));
    }
  }
  return false;
}
