/** Pages of a room's history, in both directions. */
import type { HistoryPage, Message } from '../api/contract';
import { codeOf } from '../api/problem';
import { history, type Where } from '../api/room';
import { pageRead } from '../model/feed';
import { append, findMessage, fromPage, prepend, type Timeline } from '../model/timeline';
import { type Chat, learnPage, update } from './chat';
import type { ChatState, Loading } from './state';

/** A page, and what becomes of the timeline when it is here. */
type Wanted = {
  readonly what: Loading;
  readonly where: Where;
  readonly join: (known: Timeline | undefined, page: HistoryPage) => Timeline;
};

export async function loadNewest(chat: Chat, roomId: string): Promise<void> {
  await load(chat, roomId, { what: 'first', where: {}, join: (_, page) => fromPage(page) });
}

export async function loadBefore(chat: Chat, roomId: string): Promise<void> {
  const timeline = chat.store.get().timelines[roomId];
  const first = timeline?.messages[0];
  if (!timeline?.hasBefore || !first) return;
  const join: Wanted['join'] = (known, page) => (known ? prepend(known, page) : fromPage(page));
  await load(chat, roomId, { what: 'before', where: { beforeSeq: first.seq }, join });
}

export async function loadAfter(chat: Chat, roomId: string): Promise<void> {
  const timeline = chat.store.get().timelines[roomId];
  const last = timeline?.messages.at(-1);
  if (!timeline?.hasAfter || !last) return;
  const join: Wanted['join'] = (known, page) => (known ? append(known, page) : fromPage(page));
  await load(chat, roomId, { what: 'after', where: { afterSeq: last.seq }, join });
}

/** Makes sure that a message is loaded; answers whether it is. */
export async function loadAround(chat: Chat, roomId: string, messageId: string): Promise<boolean> {
  const seq = Number(messageId.slice(messageId.lastIndexOf('-') + 1));
  const loaded = () => findMessage(chat.store.get().timelines[roomId], messageId) !== undefined;
  if (loaded()) return true;
  if (!Number.isFinite(seq)) return false;
  await loadAt(chat, roomId, seq);
  return loaded();
}

/** Messages that live ones answer, and that are not among those loaded. */
export async function learnQuotes(chat: Chat, roomId: string, messages: readonly Message[]): Promise<void> {
  const { timelines, quoted } = chat.store.get();
  for (const { replyTo } of messages) {
    if (replyTo === undefined || quoted[replyTo] || chat.asked.has(replyTo)) continue;
    if (findMessage(timelines[roomId], replyTo)) continue;
    chat.asked.add(replyTo);
    try {
      const page = await history(roomId, { aroundSeq: Number(replyTo.slice(replyTo.lastIndexOf('-') + 1)) }, 1);
      learnPage(chat, { ...page, quoted: page.messages.filter((message) => message.id === replyTo) });
    } catch {
      chat.asked.delete(replyTo);
    }
  }
}

/** The page around a place in the room. */
export async function loadAt(chat: Chat, roomId: string, seq: number): Promise<void> {
  const where = { aroundSeq: Math.max(1, seq) };
  await load(chat, roomId, { what: 'first', where, join: (_, page) => fromPage(page) });
}

/**
 * One page at a time for a room. A page that would add to what is loaded is left out while another
 * comes, since it may not fit to it; one that takes its place (`first`) comes after the other.
 */
function load(chat: Chat, roomId: string, wanted: Wanted): Promise<void> {
  const key = JSON.stringify(wanted.where);
  const last = chat.loads.get(roomId);
  if (last && (wanted.what !== 'first' || last.key === key)) return last.done;
  const next = async () => {
    await last?.done;
    await fetchPage(chat, roomId, wanted);
    if (chat.loads.get(roomId)?.done === done) chat.loads.delete(roomId);
    chat.settle();
  };
  const done = next();
  chat.loads.set(roomId, { key, done });
  return done;
}

async function fetchPage(chat: Chat, roomId: string, { what, where, join }: Wanted): Promise<void> {
  setLoading(chat, roomId, what);
  try {
    const page = await history(roomId, where);
    learnPage(chat, page);
    chat.copied.delete(roomId);
    update(chat, (state: ChatState) => ({
      timelines: { ...state.timelines, [roomId]: join(state.timelines[roomId], page) },
      failures: { ...state.failures, [roomId]: undefined },
    }));
    caughtUp(chat, roomId, page.head);
  } catch (error) {
    const code = codeOf(error);
    update(chat, (state) => ({ failures: { ...state.failures, [roomId]: code } }));
  } finally {
    setLoading(chat, roomId, undefined);
  }
}

/** A page from before the cursor lacks what came between: it is fetched by a sync. */
function caughtUp(chat: Chat, roomId: string, head: number): void {
  const feed = chat.feeds.get(roomId);
  if (!feed) return;
  const step = pageRead(feed, head);
  chat.feeds.set(roomId, step.feed);
  if (step.ask === 'sync') chat.sync(roomId);
}

function setLoading(chat: Chat, roomId: string, what: Loading | undefined): void {
  update(chat, (state) => ({ loading: { ...state.loading, [roomId]: what } }));
}
