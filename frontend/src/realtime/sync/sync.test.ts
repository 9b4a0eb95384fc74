import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Room } from '../../api/contract';
import { build, buildRoom } from '../../model/builders';
import { fakeClient, MIKA, standIn, TOMAS } from '../builders';

const DETAIL = { room: buildRoom({ head: 3000, posts: 3000 }), members: [] };
const page = (seqs: number[], head: number) => ({
  messages: seqs.map((seq) => build({ seq })),
  head,
  hasBefore: true,
  hasAfter: false,
  quoted: [],
  users: [],
});

/** A public room that I am not in. */
function lookedAt(id: string): Room {
  const { myRole: _, ...room } = buildRoom({ id, kind: 'public' });
  return room;
}

/** In a room with three messages, up to date, on a connection. */
function inRoom() {
  const { client, socket } = fakeClient();
  const { store, feeds } = client;
  socket.connect();
  const messages = [1, 2, 3].map((seq) => build({ seq }));
  store.update(() => ({
    roomsLoaded: true,
    openRoom: 'r',
    rooms: { r: buildRoom({ head: 3, posts: 3, readSeq: 3 }) },
    timelines: { r: { messages, hasBefore: false, hasAfter: false } },
  }));
  feeds.start('r', 3);
  const shown = () => store.get().timelines['r']?.messages.map((m) => m.seq);
  return { client, socket, shown };
}

beforeEach(() => {
  vi.useFakeTimers();
  standIn({
    '/api/me': MIKA,
    '/api/rooms': [],
    '/api/rooms/r': DETAIL,
    '/api/rooms/r/messages': page([2999, 3000], 3000),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a gap', () => {
  it('is filled though the first sync had no answer, in a room where nobody speaks any more', async () => {
    const { socket, shown } = inRoom();
    let asked = 0;
    socket.answer = async () => {
      asked += 1;
      if (asked === 1) throw new Error('timeout');
      const synced = { after: 3, upTo: 5, more: false, reset: false, messages: [4, 5].map((seq) => build({ seq })) };
      return { ok: true, rooms: { r: asked === 2 ? { error: { code: 'unavailable' } } : synced } };
    };
    socket.receive('heads', { epoch: 'e', heads: { r: 5 } });
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toBe(3);
    expect(shown()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is left to the next connection where this one ends', async () => {
    const { client, socket } = inRoom();
    socket.answer = () => Promise.reject(new Error('timeout'));
    socket.receive('heads', { epoch: 'e', heads: { r: 5 } });
    await vi.advanceTimersByTimeAsync(100);
    socket.disconnect();
    socket.connect();
    expect(client.feeds.isSyncing()).toBe(false);
    const before = socket.sent.length;
    socket.receive('heads', { epoch: 'e', heads: { r: 5 } });
    await vi.advanceTimersByTimeAsync(10);
    expect(socket.sent.length).toBe(before + 1);
  });

  it('of thousands keeps what is on screen until the newest page is here', async () => {
    const { client, socket, shown } = inRoom();
    standIn({});
    socket.answer = () => new Promise(() => undefined);
    socket.receive('heads', { epoch: 'e', heads: { r: 3000 } });
    await vi.advanceTimersByTimeAsync(300);
    expect(shown()).toEqual([1, 2, 3]);
    expect(client.store.get().rooms['r']).toBeDefined();
    socket.receive('newMessage', { roomId: 'r', after: 3000, upTo: 3001, messages: [build({ seq: 3001 })] });
    standIn({ '/api/rooms/r': DETAIL, '/api/rooms/r/messages': page([2999, 3000], 3000) });
    await vi.advanceTimersByTimeAsync(5000);
    expect(shown()).toEqual([2999, 3000, 3001]);
    expect(client.feeds.cursor('r')).toBe(3001);
    expect(client.feeds.isSyncing()).toBe(false);
  });
});

describe('rooms', () => {
  it('that I was taken out of meanwhile leave with their messages, and come back with new ones', async () => {
    const { client, shown } = inRoom();
    client.store.update((state) => ({ rooms: { ...state.rooms, p: lookedAt('p') } }));
    await client.rooms.refreshList();
    expect(Object.keys(client.store.get().rooms)).toEqual(['p']);
    expect(shown()).toBeUndefined();
    expect(client.store.get().missing['r']).toBe('notFound');
    client.rooms.changed({ roomId: 'r', change: 'added' });
    await vi.advanceTimersByTimeAsync(10);
    expect(shown()).toEqual([2999, 3000]);
  });

  it('that I enter while they are open are read at once', async () => {
    const { client, shown } = inRoom();
    client.rooms.forget('r');
    client.rooms.put(lookedAt('r'));
    await vi.advanceTimersByTimeAsync(10);
    expect(shown()).toBeUndefined();
    client.rooms.put(DETAIL.room);
    await vi.advanceTimersByTimeAsync(10);
    expect(shown()).toEqual([2999, 3000]);
  });

  it('of somebody else are not taken: the page ends', async () => {
    const { client } = inRoom();
    await vi.advanceTimersByTimeAsync(0);
    const ended = vi.fn();
    client.session.onEnded(ended);
    standIn({ '/api/me': TOMAS, '/api/rooms': [buildRoom({ id: 'his' })] });
    await client.rooms.refreshList();
    expect(Object.keys(client.store.get().rooms)).toEqual(['r']);
    expect(ended).toHaveBeenCalledWith({ why: 'other', me: TOMAS });
  });
});

describe('my markers', () => {
  it('of two rooms both reach the server, and again after a silence', async () => {
    const { client, socket } = inRoom();
    const ofMarkers = () => socket.sent.filter(({ name }) => name === 'read').map(({ body }) => body);
    await vi.advanceTimersByTimeAsync(0);
    expect(client.session.isConfirmed()).toBe(true);
    let silent = true;
    socket.answer = async () => {
      if (silent) throw new Error('timeout');
      return { ok: true };
    };
    client.store.update(() => ({ rooms: { a: buildRoom({ id: 'a' }), b: buildRoom({ id: 'b' }) } }));
    client.reading.read('a', 3);
    client.reading.read('b', 5);
    await vi.advanceTimersByTimeAsync(300);
    const both = [
      { roomId: 'a', seq: 3 },
      { roomId: 'b', seq: 5 },
    ];
    expect(ofMarkers()).toEqual(both);
    silent = false;
    socket.sent.length = 0;
    await vi.advanceTimersByTimeAsync(3000);
    expect(ofMarkers()).toEqual(both);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ofMarkers()).toHaveLength(2);
  });
});
