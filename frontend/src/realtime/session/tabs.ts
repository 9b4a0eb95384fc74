/** Tabs of one user on one device share drafts, and which messages were discarded. */
import { createSignal, type Subscribe } from '../../lib/signal';
import type { Draft } from '../../model/draft';

/** Tabs with an older page read and write the same. */
export type TabMessage =
  | { readonly what: 'draft'; readonly roomId: string; readonly draft: Draft | undefined }
  | { readonly what: 'discarded'; readonly clientId: string };

export type Tabs = {
  readonly post: (message: TabMessage) => void;
  readonly onMessage: Subscribe<TabMessage>;
  readonly stop: () => void;
};

export function createTabs(userId: string): Tabs {
  const received = createSignal<TabMessage>();
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(`chat.${userId}`) : undefined;
  if (channel) channel.onmessage = (event: MessageEvent<TabMessage>) => received.emit(event.data);
  return {
    post: (message) => channel?.postMessage(message),
    onMessage: received.on,
    stop: () => channel?.close(),
  };
}
