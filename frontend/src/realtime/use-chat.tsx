/** The live page for components: a context, and selectors that draw anew only on change. */
import { createContext, type ReactNode, useContext } from 'react';
import { must } from '../lib/assert';
import { useStore } from '../lib/store';
import type { Chat } from './chat';
import type { Live } from './start';
import type { ChatState } from './state';

const LiveContext = createContext<Live | undefined>(undefined);

export function LiveProvider(props: { live: Live; children: ReactNode }) {
  return <LiveContext value={props.live}>{props.children}</LiveContext>;
}

export function useLive(): Live {
  return must(useContext(LiveContext), 'LiveProvider');
}

export function useChat(): Chat {
  return useLive().chat;
}

export function useChatState<T>(select: (state: ChatState) => T): T {
  return useStore(useLive().chat.store, select);
}
