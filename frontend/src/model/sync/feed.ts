/**
 * The delivery rules of one room, as a pure state machine. The cursor is the number up to which this device knows every
 * change of the room.
 */
import type { Message, MessagesEvent, SyncPage } from '../../api/contract';

/** Above this distance it is cheaper to load the newest page than to fetch every change. */
export const GAP_MAX = 1000;

export type Feed = {
  readonly cursor: number;
  readonly syncing: boolean;
  /** Events that arrived during a sync. */
  readonly queued: readonly MessagesEvent[];
};

/** What to do after a step: rows to apply now, and whether to ask the server. */
export type Step = {
  readonly feed: Feed;
  readonly apply: readonly Message[];
  readonly ask: 'nothing' | 'sync' | 'reload';
};

export function startFeed(cursor: number): Feed {
  return { cursor, syncing: false, queued: [] };
}

/** A live event. */
export function receive(feed: Feed, event: MessagesEvent): Step {
  if (event.upTo <= feed.cursor) return { feed, apply: [], ask: 'nothing' };
  if (feed.syncing) return { feed: { ...feed, queued: [...feed.queued, event] }, apply: [], ask: 'nothing' };
  if (event.after <= feed.cursor) {
    return { feed: { ...feed, cursor: event.upTo }, apply: event.messages, ask: 'nothing' };
  }
  return gap({ ...feed, queued: [...feed.queued, event] }, event.upTo);
}

/** The head of the room from the server. */
export function observeHead(feed: Feed, head: number): Step {
  if (head <= feed.cursor || feed.syncing) return { feed, apply: [], ask: 'nothing' };
  return gap(feed, head);
}

function gap(feed: Feed, head: number): Step {
  const ask = head - feed.cursor > GAP_MAX ? 'reload' : 'sync';
  return { feed: { ...feed, syncing: true }, apply: [], ask };
}

/** The answer to a sync. A page that does not begin at the cursor is requested again. */
export function synced(feed: Feed, page: SyncPage): Step {
  if (page.reset) return { feed: { ...feed, queued: [] }, apply: [], ask: 'reload' };
  if (page.after > feed.cursor) return { feed, apply: [], ask: 'sync' };
  const cursor = Math.max(feed.cursor, page.upTo);
  const apply = page.messages;
  if (page.more && page.upTo > page.after) return { feed: { ...feed, cursor }, apply, ask: 'sync' };
  return drain({ ...feed, cursor, syncing: false }, apply);
}

function drain(feed: Feed, first: readonly Message[]): Step {
  let now: Feed = { ...feed, queued: [] };
  let apply = [...first];
  for (const event of feed.queued) {
    const step = receive(now, event);
    now = step.feed;
    apply = apply.concat(step.apply);
  }
  if (now.syncing) return { feed: now, apply, ask: 'sync' };
  return { feed: now, apply, ask: 'nothing' };
}

/** The room was reloaded at `head`: events that arrived meanwhile follow. */
export function reloaded(feed: Feed, head: number): Step {
  return drain({ ...feed, cursor: head, syncing: false }, []);
}

/** The connection ended before the answer: the next event or head begins another sync. */
export function syncFailed(feed: Feed): Feed {
  return { ...feed, syncing: false };
}

/**
 * A history page was read at `head`. If that is behind the cursor, the page lacks changes before the cursor, so the
 * cursor is set back and they are fetched again; applying a row twice is harmless.
 */
export function pageRead(feed: Feed, head: number): Step {
  if (head >= feed.cursor) return { feed, apply: [], ask: 'nothing' };
  return { feed: { ...feed, cursor: head, syncing: true }, apply: [], ask: feed.syncing ? 'nothing' : 'sync' };
}
