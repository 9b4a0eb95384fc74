/** The feed of each room: applies the rules of `model/sync/feed.ts` to events, heads and pages, and emits the result. */
import type { Message, MessagesEvent, SyncPage } from '../../api/contract';
import { createSignal, type Subscribe } from '../../lib/signal';
import {
  type Feed,
  observeHead,
  pageRead,
  receive,
  reloaded,
  type Step,
  startFeed,
  synced,
  syncFailed,
} from '../../model/sync/feed';

export type Feeds = {
  readonly has: (roomId: string) => boolean;
  /** Up to where this device knows every change of the room. */
  readonly cursor: (roomId: string) => number | undefined;
  /** Begins to follow a room that is not followed yet. */
  readonly start: (roomId: string, cursor: number) => void;
  readonly drop: (roomId: string) => void;
  readonly clear: () => void;
  readonly receive: (event: MessagesEvent) => void;
  /**
   * Compares the heads of the followed rooms; returns how many changes are missing, and which rooms are not followed.
   */
  readonly observeHeads: (heads: Readonly<Record<string, number>>) => { missing: number; unknown: readonly string[] };
  readonly synced: (roomId: string, page: SyncPage) => void;
  readonly pageRead: (roomId: string, head: number) => void;
  readonly reloaded: (roomId: string, head: number) => void;
  /** Events were dropped: every room syncs. */
  readonly resyncAll: () => void;
  /** The connection ended: no sync is under way any more. */
  readonly failSyncs: () => void;
  readonly isSyncing: () => boolean;
  readonly onRows: Subscribe<{ readonly roomId: string; readonly messages: readonly Message[] }>;
  /** Changes are missing behind the cursor. */
  readonly onGap: Subscribe<string>;
  /** Too many changes are missing, or the server answered `reset`: the room must be reloaded. */
  readonly onReload: Subscribe<string>;
};

export function createFeeds(): Feeds {
  const feeds = new Map<string, Feed>();
  const rows = createSignal<{ roomId: string; messages: readonly Message[] }>();
  const gap = createSignal<string>();
  const reload = createSignal<string>();
  const take = (roomId: string, step: Step) => {
    feeds.set(roomId, step.feed);
    if (step.apply.length > 0) rows.emit({ roomId, messages: step.apply });
    if (step.ask === 'sync') gap.emit(roomId);
    if (step.ask === 'reload') reload.emit(roomId);
  };
  const step = (roomId: string, next: (feed: Feed) => Step) => {
    const feed = feeds.get(roomId);
    if (feed) take(roomId, next(feed));
  };
  return {
    has: (roomId) => feeds.has(roomId),
    cursor: (roomId) => feeds.get(roomId)?.cursor,
    start: (roomId, cursor) => {
      if (!feeds.has(roomId)) feeds.set(roomId, startFeed(cursor));
    },
    drop: (roomId) => void feeds.delete(roomId),
    clear: () => feeds.clear(),
    receive: (event) => step(event.roomId, (feed) => receive(feed, event)),
    observeHeads: (heads) => {
      let missing = 0;
      const unknown: string[] = [];
      for (const [roomId, head] of Object.entries(heads)) {
        const feed = feeds.get(roomId);
        if (!feed) unknown.push(roomId);
        else missing += Math.max(0, head - feed.cursor);
        step(roomId, (known) => observeHead(known, head));
      }
      return { missing, unknown };
    },
    synced: (roomId, page) => step(roomId, (feed) => synced(feed, page)),
    pageRead: (roomId, head) => step(roomId, (feed) => pageRead(feed, head)),
    reloaded: (roomId, head) => step(roomId, (feed) => reloaded(feed, head)),
    resyncAll: () => {
      for (const [roomId, feed] of feeds) {
        if (!feed.syncing) take(roomId, { feed: { ...feed, syncing: true }, apply: [], ask: 'sync' });
      }
    },
    failSyncs: () => {
      for (const [roomId, feed] of feeds) if (feed.syncing) feeds.set(roomId, syncFailed(feed));
    },
    isSyncing: () => [...feeds.values()].some((feed) => feed.syncing),
    onRows: rows.on,
    onGap: gap.on,
    onReload: reload.on,
  };
}
