/** Work that has to be done as long as there is a connection. */
import { codeOf } from '../../api/problem';
import { retry } from '../../lib/retry';
import type { ChatSocket } from '../socket';

/**
 * Retries the work until it succeeds, and ends with the connection: the next one starts over. Work that fails with a
 * final error must resolve. Returns whether it was done.
 */
export type WhileConnected = (work: () => Promise<unknown>) => Promise<boolean>;

export function createWhileConnected(deps: { socket: ChatSocket; onUnauthenticated: () => void }): WhileConnected {
  const { socket, onUnauthenticated } = deps;
  const isUnauthenticated = (error: unknown) => codeOf(error) === 'unauthenticated';
  return async (work) => {
    const { id } = socket;
    try {
      await retry(work, { while: () => socket.connected && socket.id === id, isFinal: isUnauthenticated });
      return true;
    } catch (error) {
      if (isUnauthenticated(error)) onUnauthenticated();
      return false;
    }
  };
}
