import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignal } from '../../lib/signal';
import { fakeClient, MIKA, standIn } from '../builders';
import { createCatchUp } from './catch-up';

beforeEach(() => {
  vi.useFakeTimers();
  standIn({});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lost long enough to be shown, and connected again. */
function cameBack(prepare: (client: ReturnType<typeof fakeClient>['client']) => void = () => undefined) {
  const { client, socket } = fakeClient();
  const { store, connection } = client;
  store.update(() => ({ roomsLoaded: true }));
  connection.open();
  const real = socket.connect.bind(socket);
  socket.connect = () => socket;
  socket.disconnect();
  vi.advanceTimersByTime(2500);
  socket.connect = real;
  prepare(client);
  connection.tryNow();
  return { client, socket, at: () => store.get().connection.at };
}

describe('after a loss', () => {
  it('all is said to be there only when rooms, heads and gaps are', () => {
    const sync = { settled: createSignal(), heads: createSignal<number>(), listed: createSignal(), busy: true };
    const { at } = cameBack(({ store, connection }) =>
      createCatchUp({
        store,
        connection,
        sync: {
          isBusy: () => sync.busy,
          onSettled: sync.settled.on,
          onHeads: sync.heads.on,
          onListed: sync.listed.on,
        },
        outbox: { onSettled: createSignal().on },
      }),
    );
    sync.settled.emit();
    expect(at()).toBe('catchingUp');
    sync.heads.emit(2);
    vi.advanceTimersByTime(400);
    sync.listed.emit();
    expect(at()).toBe('catchingUp');
    sync.busy = false;
    sync.settled.emit();
    expect(at()).toBe('back');
    vi.advanceTimersByTime(4000);
    expect(at()).toBe('online');
  });

  it('a gap and a page that is being read are not all there is', async () => {
    const { client } = cameBack();
    expect(client.sync.isBusy()).toBe(false);
    client.feeds.start('r', 3);
    client.feeds.observeHeads({ r: 5 });
    expect(client.sync.isBusy()).toBe(true);
    client.feeds.synced('r', { after: 3, upTo: 5, more: false, reset: false, messages: [] });
    expect(client.sync.isBusy()).toBe(false);
    void client.history.loadNewest('r');
    expect(client.sync.isBusy()).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(client.sync.isBusy()).toBe(false);
  });

  it('nothing goes out before it is known whose session this is', async () => {
    const { client, socket } = cameBack();
    expect(client.session.isConfirmed()).toBe(false);
    standIn({ '/api/me': MIKA });
    await vi.advanceTimersByTimeAsync(5000);
    expect(client.session.isConfirmed()).toBe(true);
    socket.disconnect();
    expect(client.session.isConfirmed()).toBe(false);
  });
});

it('a page that has ended does not connect again', () => {
  const { client, socket } = cameBack();
  client.session.end({ why: 'left' });
  client.session.end({ why: 'expired' });
  expect(client.store.get().ended).toEqual({ why: 'left' });
  vi.advanceTimersByTime(60_000);
  expect(socket.connected).toBe(false);
});
