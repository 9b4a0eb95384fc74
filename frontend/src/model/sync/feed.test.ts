import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message, MessagesEvent, SyncPage } from '../../api/contract';
import { build } from '../builders';
import { merge } from '../timeline/timeline';
import {
  type Feed,
  GAP_MAX,
  observeHead,
  pageRead,
  receive,
  reloaded,
  type Step,
  startFeed,
  synced,
  syncFailed,
} from './feed';

const event = (after: number, upTo: number): MessagesEvent => ({
  roomId: 'r',
  after,
  upTo,
  messages: Array.from({ length: upTo - after }, (_, i) => build({ seq: after + i + 1 })),
});

describe('one event', () => {
  it('at the cursor is applied and moves it', () => {
    const step = receive(startFeed(4), event(4, 6));
    expect(step.feed.cursor).toBe(6);
    expect(step.apply.map((m) => m.seq)).toEqual([5, 6]);
    expect(step.ask).toBe('nothing');
  });
  it('behind the cursor is ignored', () => {
    const feed = startFeed(6);
    expect(receive(feed, event(4, 6))).toEqual({ feed, apply: [], ask: 'nothing' });
  });
  it('beyond the cursor is a gap: it waits for a sync', () => {
    const step = receive(startFeed(4), event(6, 7));
    expect(step.ask).toBe('sync');
    expect(step.feed).toMatchObject({ cursor: 4, syncing: true });
    expect(step.feed.queued).toHaveLength(1);
  });
  it('far beyond the cursor asks for the newest page instead', () => {
    expect(receive(startFeed(0), event(GAP_MAX, GAP_MAX + 1)).ask).toBe('reload');
  });
});

describe('a sync', () => {
  it('goes on while there is more', () => {
    const page: SyncPage = { after: 0, upTo: 2, more: true, reset: false, messages: event(0, 2).messages };
    const step = synced({ ...startFeed(0), syncing: true }, page);
    expect(step).toMatchObject({ ask: 'sync', feed: { cursor: 2, syncing: true } });
  });
  it('says so when the store is another one', () => {
    const page: SyncPage = { after: 9, upTo: 9, more: false, reset: true, messages: [] };
    expect(synced({ ...startFeed(9), syncing: true }, page).ask).toBe('reload');
  });
  it('that failed can begin again with the next head', () => {
    const gap = observeHead(startFeed(1), 3).feed;
    expect(observeHead(gap, 3).ask).toBe('nothing');
    expect(observeHead(syncFailed(gap), 3).ask).toBe('sync');
  });
});

describe('a room that is loaded anew', () => {
  it('takes what came meanwhile, and asks where that does not follow', () => {
    const far = receive(startFeed(0), event(2000, 2001)).feed;
    const later = receive(far, event(2003, 2004)).feed;
    const step = reloaded(later, 2000);
    expect(step.apply.map((m) => m.seq)).toEqual([2001]);
    expect(step).toMatchObject({ ask: 'sync', feed: { cursor: 2001, syncing: true } });
  });
});

describe('a history page', () => {
  it('older than the cursor takes the cursor back, so that nothing between is missed', () => {
    const step = pageRead(startFeed(9), 7);
    expect(step).toMatchObject({ ask: 'sync', feed: { cursor: 7 } });
  });
  it('newer than the cursor leaves it: what comes live can be applied twice', () => {
    expect(pageRead(startFeed(7), 9).feed.cursor).toBe(7);
  });
});

/** A room whose rows change; the log of its changes is what the server keeps. */
type Change = { seq: number; changedSeq: number };

function history(kinds: readonly number[]): Change[] {
  const out: Change[] = [];
  kinds.forEach((kind, i) => {
    const changedSeq = i + 1;
    const earlier = out.filter((c) => c.seq === c.changedSeq);
    const old = earlier[kind % Math.max(1, earlier.length)];
    out.push(kind % 3 === 0 && old ? { seq: old.seq, changedSeq } : { seq: changedSeq, changedSeq });
  });
  return out;
}

const rowsAt = (log: readonly Change[], after: number, upTo: number): Message[] => {
  const last = new Map<number, number>();
  for (const c of log.slice(0, upTo)) last.set(c.seq, c.changedSeq);
  return [...last]
    .filter(([, changedSeq]) => changedSeq > after)
    .sort((a, b) => a[1] - b[1])
    .map(([seq, changedSeq]) => build({ seq, changedSeq }));
};

describe('whatever is lost, doubled or late', () => {
  it('the rows end as the server has them', () => {
    const input = fc.record({
      kinds: fc.array(fc.nat(20), { minLength: 1, maxLength: 60 }),
      cuts: fc.array(fc.nat(59), { maxLength: 12 }),
      fates: fc.array(fc.constantFrom('deliver', 'lose', 'double', 'late', 'fail'), { minLength: 1, maxLength: 20 }),
      pageSize: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(input, ({ kinds, cuts, fates, pageSize }) => {
        const log = history(kinds);
        const edges = [...new Set([0, log.length, ...cuts.map((cut) => cut % log.length)])].sort((a, b) => a - b);
        let feed: Feed = startFeed(0);
        let rows: readonly Message[] = [];
        let asking = false;
        const take = (step: Step) => {
          feed = step.feed;
          rows = merge(rows, step.apply);
          asking ||= step.ask === 'sync';
        };
        const answer = (upToAtMost: number) => {
          while (asking) {
            asking = false;
            const { cursor } = feed;
            const upTo = Math.min(upToAtMost, cursor + pageSize);
            const page = {
              after: cursor,
              upTo: Math.max(cursor, upTo),
              more: upTo < upToAtMost,
              reset: false,
              messages: rowsAt(log, cursor, upTo),
            };
            take(synced(feed, page));
          }
        };
        const late: MessagesEvent[] = [];
        edges.slice(1).forEach((upTo, i) => {
          const after = edges[i] ?? 0;
          const live = { roomId: 'r', after, upTo, messages: rowsAt(log, after, upTo) };
          const fate = fates[i % fates.length];
          if (fate === 'lose') return;
          if (fate === 'late') late.push(live);
          else take(receive(feed, live));
          if (fate === 'double') take(receive(feed, live));
          if (fate === 'fail') {
            asking = false;
            feed = syncFailed(feed);
          } else if (i % 2 === 0) answer(upTo);
        });
        for (const live of late) take(receive(feed, live));
        answer(log.length);
        take(observeHead(syncFailed(feed), log.length));
        answer(log.length);
        expect(feed.cursor).toBe(log.length);
        const final = rowsAt(log, 0, log.length).sort((a, b) => a.seq - b.seq);
        expect(rows.map((m) => [m.seq, m.changedSeq])).toEqual(final.map((m) => [m.seq, m.changedSeq]));
      }),
      { numRuns: 500 },
    );
  });
});
