import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  begun,
  due,
  enqueue,
  failed,
  isFinal,
  mayRetry,
  nextDueAt,
  type Pending,
  restored,
  retried,
  UPLOAD_TRIES,
  unanswered,
  without,
} from './outbox';

const pending = (clientId: string, roomId = 'r', part: Partial<Pending> = {}): Pending => ({
  clientId,
  roomId,
  content: clientId,
  createdAt: '2026-01-01T00:00:00Z',
  state: 'queued',
  attempts: 0,
  ...part,
});

describe('the outbox', () => {
  it('sends one of each room at a time, the oldest first', () => {
    const outbox = [pending('a'), pending('b'), pending('c', 's')];
    expect(due(outbox, 0).map((p) => p.clientId)).toEqual(['a', 'c']);
    expect(due(begun(outbox, 'a'), 0).map((p) => p.clientId)).toEqual(['c']);
  });
  it('is not held up by one that failed', () => {
    expect(due(failed([pending('a'), pending('b')], 'a', 'forbidden'), 0).map((p) => p.clientId)).toEqual(['b']);
  });
  it('keeps the order while the first one waits for its time', () => {
    const outbox = unanswered([pending('a'), pending('b')], 'a', 50);
    expect(due(outbox, 49)).toEqual([]);
    expect(nextDueAt(outbox)).toBe(50);
    expect(due(outbox, 50).map((p) => p.clientId)).toEqual(['a']);
  });
  it('puts a retry at the end, under the same id', () => {
    const outbox = retried(failed([pending('a'), pending('b')], 'a', 'tooLarge'), 'a');
    expect(outbox.map((p) => [p.clientId, p.state])).toEqual([
      ['b', 'queued'],
      ['a', 'queued'],
    ]);
    expect(outbox[1]).not.toHaveProperty('cause');
  });
  it('has nothing under way after a reload', () => {
    const outbox = restored([pending('a', 'r', { state: 'sending' }), pending('b', 'r', { state: 'failed' })]);
    expect(outbox.map((p) => p.state)).toEqual(['waiting', 'failed']);
  });
  it('takes the same message once', () => {
    const outbox = [pending('a')];
    expect(enqueue(outbox, pending('a'))).toBe(outbox);
    expect(without(outbox, 'x')).toBe(outbox);
  });
  it('knows what waiting mends', () => {
    const codes = ['unavailable', 'tooManyRequests', 'notMember', 'clientIdReused', 'uploadsUnavailable'] as const;
    expect(codes.map((code) => isFinal(code, 1))).toEqual([false, false, true, true, false]);
    expect(codes.map((code) => isFinal(code, UPLOAD_TRIES))).toEqual([false, false, true, true, true]);
    expect([mayRetry('notMember'), mayRetry('upload')]).toEqual([false, true]);
  });
});

it('stores every message once and in the order of sending, whatever the line does', () => {
  const fate = fc.constantFrom('stored', 'ackLost', 'sendLost');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.array(fate, { maxLength: 40 }), (count, fates) => {
      let outbox: readonly Pending[] = Array.from({ length: count }, (_, i) => pending(`m${i}`));
      const store: string[] = [];
      for (let step = 0; outbox.length > 0; step += 1) {
        const [next] = due(outbox, step);
        if (!next) continue;
        outbox = begun(outbox, next.clientId);
        const what = fates[step] ?? 'stored';
        if (what !== 'sendLost' && !store.includes(next.clientId)) store.push(next.clientId);
        outbox = what === 'stored' ? without(outbox, next.clientId) : unanswered(outbox, next.clientId, step + 1);
      }
      expect(store).toEqual(Array.from({ length: count }, (_, i) => `m${i}`));
    }),
  );
});
