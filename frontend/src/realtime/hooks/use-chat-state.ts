/** What the page knows, for views: each draws anew only where its part of it changes. */
import type { Presence } from '../../api/contract';
import { useStore } from '../../lib/store';
import { isConnected } from '../../model/connection';
import { useClient } from '../client-context';
import type { ChatState } from '../store/state';

/** The selector must return a part of the state, not something made anew. */
export function useChatState<T>(select: (state: ChatState) => T): T {
  return useStore(useClient().store, select);
}

const connected = (state: ChatState) => isConnected(state.connection);

export function useConnected(): boolean {
  return useChatState(connected);
}

/** Outdated presence is never shown as current: without a connection there is none. */
export function usePresence(userId: string | undefined): Presence | undefined {
  const known = useChatState((state) => (userId === undefined ? undefined : state.presence[userId]));
  return useConnected() ? known : undefined;
}
