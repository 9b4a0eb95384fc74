import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../model/builders';
import { startFeed } from '../model/feed';
import { fakeChat, standIn } from './builders';
import { type Chat, update } from './chat';
import { forgetCopies, restoreCopies, startCopies } from './copies';

async function settled(): Promise<void> {
  for (let n = 0; n < 30; n += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** A page that is left at once. */
async function visited(change: (chat: Chat) => void): Promise<void> {
  const { chat } = fakeChat();
  startCopies(chat);
  change(chat);
  window.dispatchEvent(new Event('pagehide'));
  await settled();
  for (const end of chat.ends) end();
}

async function restored() {
  const { chat } = fakeChat();
  await restoreCopies(chat);
  const { rooms, timelines } = chat.store.get();
  return {
    rooms: Object.keys(rooms),
    messages: timelines['r']?.messages.map((m) => m.seq),
    cursor: chat.feeds.get('r'),
  };
}

const rooms = { r: buildRoom({ head: 2 }) };
const timelines = { r: { messages: [1, 2].map((seq) => build({ seq })), hasBefore: false, hasAfter: false } };

/** With the room open, in the store `epoch`. */
const reading = (epoch: string) =>
  visited((chat) => {
    chat.epoch = epoch;
    chat.feeds.set('r', startFeed(2));
    update(chat, () => ({ rooms, timelines, roomsLoaded: true }));
  });

beforeEach(() => standIn({}));
afterEach(async () => {
  await forgetCopies('mika');
  vi.unstubAllGlobals();
});

describe('copies of rooms', () => {
  it('keep their messages through a visit that did not open the room', async () => {
    await reading('e');
    await visited((chat) => {
      chat.epoch = 'e';
      update(chat, () => ({ rooms: { r: buildRoom({ head: 9 }) }, roomsLoaded: true }));
    });
    expect(await restored()).toMatchObject({ rooms: ['r'], messages: [1, 2], cursor: { cursor: 2 } });
  });

  it('of another store are worth nothing', async () => {
    await reading('e');
    await visited((chat) => {
      chat.epoch = 'f';
      update(chat, () => ({ rooms, roomsLoaded: true }));
    });
    expect((await restored()).messages).toBeUndefined();
  });

  it('of rooms that are gone go', async () => {
    await reading('e');
    await visited((chat) => update(chat, () => ({ rooms: {}, roomsLoaded: true })));
    expect((await restored()).rooms).toEqual([]);
  });

  it('are not written any more by a tab in which the person has signed out', async () => {
    await reading('e');
    const { chat } = fakeChat();
    startCopies(chat);
    update(chat, () => ({ rooms, roomsLoaded: true }));
    await forgetCopies('mika');
    update(chat, () => ({ ended: { why: 'left' } }));
    window.dispatchEvent(new Event('pagehide'));
    await settled();
    expect((await restored()).rooms).toEqual([]);
    for (const end of chat.ends) end();
  });
});
