import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../../model/builders';
import { fakeClient, MIKA, standIn, TOMAS } from '../builders';

const message = { roomId: 'r', after: 0, upTo: 1, messages: [build({ seq: 1 })] };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a session that turns out to be of somebody else', () => {
  /** The list is asked for; meanwhile events of the other person arrive. */
  async function start(...early: [string, unknown][]) {
    const mine = buildRoom({ id: 'r', name: 'private' });
    standIn({ '/api/me': TOMAS, '/api/rooms': [mine], '/api/rooms/r': { room: mine, members: [] } });
    const { client, socket } = fakeClient();
    const loaded = client.sync.loadRooms();
    socket.connect();
    for (const [name, event] of early) socket.receive(name, event);
    await vi.advanceTimersByTimeAsync(1000);
    return { client, loaded };
  }

  it('ends the page, and neither its heads nor its messages are followed', async () => {
    const { client, loaded } = await start(['heads', { epoch: 'e', heads: { r: 1 } }], ['newMessage', message]);
    expect(await loaded).toBe(false);
    const { ended, rooms, roomsLoaded, timelines } = client.store.get();
    expect({ ended, rooms, roomsLoaded, timelines }).toEqual({
      ended: { why: 'other', me: TOMAS },
      rooms: {},
      roomsLoaded: false,
      timelines: {},
    });
  });
});

describe('a user who is changed on another device', () => {
  it('keeps the new name where an older answer comes after the event', async () => {
    const answers: Record<string, unknown> = { '/api/me': MIKA, '/api/rooms': [] };
    standIn(answers);
    const { client, socket } = fakeClient();
    // The first answer is read before the change, and comes after it.
    const atOnce = fetch;
    let late = 100;
    vi.stubGlobal('fetch', async (path: string) => {
      const answer = await atOnce(path);
      await new Promise((resolve) => setTimeout(resolve, late));
      late = 0;
      return answer;
    });
    socket.connect();
    await vi.advanceTimersByTimeAsync(10);
    answers['/api/me'] = { ...MIKA, displayName: '新井 美香' };
    socket.receive('userChanged', { id: 'mika', username: 'mika', displayName: '新井 美香' });
    expect(client.store.get().me.displayName).toBe('新井 美香');
    await vi.advanceTimersByTimeAsync(1000);
    expect(client.store.get().me.displayName).toBe('新井 美香');
    expect(client.session.isConfirmed()).toBe(true);
  });
});

describe('an end', () => {
  it('is reported once, with its first cause', () => {
    standIn({});
    const { client } = fakeClient();
    const reported: unknown[] = [];
    client.session.onEnded((ended) => reported.push(ended));
    client.session.end({ why: 'left' });
    client.session.end({ why: 'expired' });
    expect(reported).toEqual([{ why: 'left' }]);
    expect(client.store.get().ended).toEqual({ why: 'left' });
  });
});
