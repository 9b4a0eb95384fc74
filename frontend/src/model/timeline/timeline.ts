/** The loaded window of a room's history: a run of messages without gaps, in order of `seq`. */
import type { HistoryPage, Message } from '../../api/contract';
import { purgedUpTo } from './purge';

/** More rows than this are dropped at the end that is farther away. */
export const WINDOW_MAX = 1500;

export type Timeline = {
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  /** It was cached on this device, and no page was read from the server yet. */
  readonly cached?: true;
};

export function fromPage(page: HistoryPage): Timeline {
  return { messages: sorted(page.messages), hasBefore: page.hasBefore, hasAfter: page.hasAfter };
}

export function prepend(timeline: Timeline, page: HistoryPage): Timeline {
  const messages = merge(timeline.messages, page.messages);
  const joined = { messages, hasBefore: page.hasBefore, hasAfter: timeline.hasAfter };
  if (messages.length <= WINDOW_MAX) return joined;
  return { ...joined, messages: messages.slice(0, WINDOW_MAX), hasAfter: true };
}

export function append(timeline: Timeline, page: HistoryPage): Timeline {
  const messages = merge(timeline.messages, page.messages);
  const joined = { messages, hasBefore: timeline.hasBefore, hasAfter: page.hasAfter };
  if (messages.length <= WINDOW_MAX) return joined;
  return { ...joined, messages: messages.slice(messages.length - WINDOW_MAX), hasBefore: true };
}

/** Puts changed rows in: known ones where the change is newer, new ones where the window reaches. */
export function applyChanges(timeline: Timeline, changes: readonly Message[]): Timeline {
  const reachable = changes.filter((message) => reaches(timeline, message.seq));
  const messages = merge(timeline.messages, reachable);
  const next = messages === timeline.messages ? timeline : { ...timeline, messages };
  return cutOff(next, purgedUpTo(changes));
}

/** Where something was purged from the window, everything older was too. */
function cutOff(timeline: Timeline, upTo: number): Timeline {
  const from = placeOf(timeline.messages, upTo + 1);
  return from === 0 ? timeline : { ...timeline, messages: timeline.messages.slice(from), hasBefore: false };
}

function reaches(timeline: Timeline, seq: number): boolean {
  const first = timeline.messages[0];
  const last = timeline.messages.at(-1);
  if (!first || !last) return !timeline.hasBefore && !timeline.hasAfter;
  if (seq < first.seq) return !timeline.hasBefore;
  if (seq > last.seq) return !timeline.hasAfter;
  return true;
}

/** Keeps the array (and so every view of it) where nothing is newer. */
export function merge(known: readonly Message[], incoming: readonly Message[]): readonly Message[] {
  let out: Message[] | undefined;
  for (const message of incoming) {
    const list: readonly Message[] = out ?? known;
    const at = placeOf(list, message.seq);
    const there = list[at];
    if (there?.id === message.id) {
      if (message.changedSeq <= there.changedSeq) continue;
      out ??= [...known];
      out[at] = message;
    } else {
      out ??= [...known];
      out.splice(at, 0, message);
    }
  }
  return out ?? known;
}

/** The messages with my changes that the server has not stored yet. */
export function withChanges(
  messages: readonly Message[],
  changing: Readonly<Record<string, Partial<Message>>>,
): readonly Message[] {
  if (!messages.some(({ id }) => changing[id])) return messages;
  return messages.map((message) => (changing[message.id] ? { ...message, ...changing[message.id] } : message));
}

/** Index of the first message whose `seq` is not lower. */
export function placeOf(messages: readonly Message[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findMessage(timeline: Timeline | undefined, id: string): Message | undefined {
  return timeline?.messages.find((message) => message.id === id);
}

function sorted(messages: readonly Message[]): readonly Message[] {
  return [...messages].sort((a, b) => a.seq - b.seq);
}
