import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../../model/builders';
import { fakeClient, settled, standIn } from '../builders';
import type { Client } from '../client';

/** A page that is left at once. */
async function visited(change: (client: Client) => void): Promise<void> {
  const { client } = fakeClient();
  change(client);
  window.dispatchEvent(new Event('pagehide'));
  await settled();
  client.stop();
}

async function restored() {
  const { client } = fakeClient();
  await client.cache.restore();
  const { rooms, timelines } = client.store.get();
  const result = {
    rooms: Object.keys(rooms),
    messages: timelines['r']?.messages.map((m) => m.seq),
    cursor: client.feeds.cursor('r'),
  };
  client.stop();
  return result;
}

const rooms = { r: buildRoom({ head: 2 }) };
const timelines = { r: { messages: [1, 2].map((seq) => build({ seq })), hasBefore: false, hasAfter: false } };

/** With the room open, in the store `epoch`. */
const reading = (epoch: string) =>
  visited(({ store, feeds }) => {
    feeds.start('r', 2);
    store.update(() => ({ epoch, rooms, timelines, roomsLoaded: true }));
  });

beforeEach(() => standIn({}));
afterEach(async () => {
  await fakeClient().client.cache.clear();
  vi.unstubAllGlobals();
});

describe('cached rooms', () => {
  it('keep their messages through a visit that did not open the room', async () => {
    await reading('e');
    await visited(({ store }) =>
      store.update(() => ({ epoch: 'e', rooms: { r: buildRoom({ head: 9 }) }, roomsLoaded: true })),
    );
    expect(await restored()).toMatchObject({ rooms: ['r'], messages: [1, 2], cursor: 2 });
  });

  it('of another store are worth nothing', async () => {
    await reading('e');
    await visited(({ store }) => store.update(() => ({ epoch: 'f', rooms, roomsLoaded: true })));
    expect((await restored()).messages).toBeUndefined();
  });

  it('of rooms that are gone go', async () => {
    await reading('e');
    await visited(({ store }) => store.update(() => ({ rooms: {}, roomsLoaded: true })));
    expect((await restored()).rooms).toEqual([]);
  });

  it('are not written any more by a tab in which the person has signed out', async () => {
    await reading('e');
    const { client } = fakeClient();
    client.store.update(() => ({ rooms, roomsLoaded: true }));
    await client.cache.clear();
    client.store.update(() => ({ ended: { why: 'left' } }));
    window.dispatchEvent(new Event('pagehide'));
    await settled();
    expect((await restored()).rooms).toEqual([]);
    client.stop();
  });
});
