/** Tabs of one person on one device share what is kept on it: a draft, and what was given up. */
import { type Chat, type Told, update } from './chat';

export function startTabs(chat: Chat): void {
  if (!('BroadcastChannel' in window)) return;
  const channel = new BroadcastChannel(`chat.${chat.store.get().me.id}`);
  chat.tell = (told) => channel.postMessage(told);
  channel.onmessage = (event: MessageEvent<Told>) => hear(chat, event.data);
  chat.ends.push(() => channel.close());
}

function hear(chat: Chat, told: Told): void {
  // What is being written here counts more.
  if (told.what === 'draft' && chat.unsaved.has(told.roomId)) return;
  update(chat, (state) => {
    if (told.what === 'discarded') return { outbox: state.outbox.filter((p) => p.clientId !== told.clientId) };
    const { [told.roomId]: _, ...rest } = state.drafts;
    return { drafts: told.draft ? { ...rest, [told.roomId]: told.draft } : rest };
  });
}
