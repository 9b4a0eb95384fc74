import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Room } from '../api/contract';
import { build, buildRoom } from '../model/builders';
import { startFeed } from '../model/feed';
import { fakeChat, MIKA, standIn, TOMAS } from './builders';
import { update } from './chat';
import { askSync, endSyncs, onHeads, onMessages } from './deliver';
import { startMarkers } from './markers';
import { forgetRoom, onRoomChanged, putRoom, refreshRooms } from './rooms';

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
  const { chat, wire } = fakeChat();
  wire.connect();
  const messages = [1, 2, 3].map((seq) => build({ seq }));
  update(chat, () => ({
    roomsLoaded: true,
    openRoom: 'r',
    rooms: { r: buildRoom({ head: 3, posts: 3, readSeq: 3 }) },
    timelines: { r: { messages, hasBefore: false, hasAfter: false } },
  }));
  chat.feeds.set('r', startFeed(3));
  chat.sync = (roomId) => askSync(chat, roomId);
  const shown = () => chat.store.get().timelines['r']?.messages.map((m) => m.seq);
  return { chat, wire, shown };
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

describe('a hole', () => {
  it('is filled though the first sync had no answer, in a room where nobody speaks any more', async () => {
    const { chat, wire, shown } = inRoom();
    let asked = 0;
    wire.answer = async () => {
      asked += 1;
      if (asked === 1) throw new Error('timeout');
      const synced = { after: 3, upTo: 5, more: false, reset: false, messages: [4, 5].map((seq) => build({ seq })) };
      return { ok: true, rooms: { r: asked === 2 ? { error: { code: 'unavailable' } } : synced } };
    };
    onHeads(chat, { epoch: 'e', heads: { r: 5 } });
    await vi.advanceTimersByTimeAsync(5000);
    expect(asked).toBe(3);
    expect(shown()).toEqual([1, 2, 3, 4, 5]);
  });

  it('is left to the next connection where this one ends', async () => {
    const { chat, wire } = inRoom();
    wire.on('disconnect', () => endSyncs(chat));
    wire.answer = () => Promise.reject(new Error('timeout'));
    onHeads(chat, { epoch: 'e', heads: { r: 5 } });
    await vi.advanceTimersByTimeAsync(100);
    wire.disconnect();
    wire.connect();
    expect(chat.feeds.get('r')?.syncing).toBe(false);
    const before = wire.said.length;
    onHeads(chat, { epoch: 'e', heads: { r: 5 } });
    await vi.advanceTimersByTimeAsync(10);
    expect(wire.said.length).toBe(before + 1);
  });

  it('of thousands keeps what is on screen until the newest page is here', async () => {
    const { chat, wire, shown } = inRoom();
    standIn({});
    wire.answer = () => new Promise(() => undefined);
    onHeads(chat, { epoch: 'e', heads: { r: 3000 } });
    await vi.advanceTimersByTimeAsync(300);
    expect(shown()).toEqual([1, 2, 3]);
    expect(chat.store.get().rooms['r']).toBeDefined();
    onMessages(chat, { roomId: 'r', after: 3000, upTo: 3001, messages: [build({ seq: 3001 })] });
    standIn({ '/api/rooms/r': DETAIL, '/api/rooms/r/messages': page([2999, 3000], 3000) });
    await vi.advanceTimersByTimeAsync(5000);
    expect(shown()).toEqual([2999, 3000, 3001]);
    expect(chat.feeds.get('r')).toMatchObject({ cursor: 3001, syncing: false });
  });
});

describe('rooms', () => {
  it('that I was taken out of meanwhile leave with their messages, and come back with new ones', async () => {
    const { chat, shown } = inRoom();
    update(chat, (state) => ({ rooms: { ...state.rooms, p: lookedAt('p') } }));
    await refreshRooms(chat);
    expect(Object.keys(chat.store.get().rooms)).toEqual(['p']);
    expect(shown()).toBeUndefined();
    expect(chat.store.get().missing['r']).toBe('notFound');
    onRoomChanged(chat, { roomId: 'r', change: 'added' });
    await vi.advanceTimersByTimeAsync(10);
    expect(shown()).toEqual([2999, 3000]);
  });

  it('that I enter while they are open are read at once', async () => {
    const { chat, shown } = inRoom();
    forgetRoom(chat, 'r');
    putRoom(chat, lookedAt('r'));
    await vi.advanceTimersByTimeAsync(10);
    expect(shown()).toBeUndefined();
    putRoom(chat, DETAIL.room);
    await vi.advanceTimersByTimeAsync(10);
    expect(shown()).toEqual([2999, 3000]);
  });

  it('of somebody else are not taken: the page ends', async () => {
    const { chat } = inRoom();
    const ended = vi.fn();
    chat.end = ended;
    standIn({ '/api/me': TOMAS, '/api/rooms': [buildRoom({ id: 'his' })] });
    await refreshRooms(chat);
    expect(Object.keys(chat.store.get().rooms)).toEqual(['r']);
    expect(ended).toHaveBeenCalledWith({ why: 'other', me: TOMAS });
  });
});

describe('my markers', () => {
  it('of two rooms both reach the server, and again after a silence', async () => {
    const { chat, wire } = inRoom();
    chat.mine = true;
    startMarkers(chat);
    let silent = true;
    wire.answer = async () => {
      if (silent) throw new Error('timeout');
      return { ok: true };
    };
    chat.tellRead('a', 3);
    chat.tellRead('b', 5);
    await vi.advanceTimersByTimeAsync(300);
    expect(wire.said.map((said) => said.body)).toEqual([
      { roomId: 'a', seq: 3 },
      { roomId: 'b', seq: 5 },
    ]);
    silent = false;
    wire.said.length = 0;
    await vi.advanceTimersByTimeAsync(3000);
    expect(wire.said.map((said) => said.body)).toEqual([
      { roomId: 'a', seq: 3 },
      { roomId: 'b', seq: 5 },
    ]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wire.said).toHaveLength(2);
  });
});
