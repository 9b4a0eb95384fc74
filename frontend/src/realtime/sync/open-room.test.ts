import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../../model/builders';
import { fakeClient, standIn } from '../builders';

beforeEach(() => standIn({}));
afterEach(() => vi.unstubAllGlobals());

describe('a room that is opened at one of its messages', () => {
  it('stays there, whatever else is learned of it meanwhile', async () => {
    const { store, openRoom, history } = fakeClient().client;
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path);
      if (path === '/api/rooms/r') return new Response(JSON.stringify({ room: buildRoom({ head: 300 }), members: [] }));
      return new Promise(() => undefined);
    });
    store.update(() => ({ rooms: { r: buildRoom({ head: 300 }) }, roomsLoaded: true }));
    openRoom('r', 7);
    for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked.filter((path) => path.includes('messages'))).toEqual(['/api/rooms/r/messages?limit=50&aroundSeq=7']);
    expect(history.isLoading('r')).toBe(true);
  });
});

it('this page holds the messages of the rooms that were opened last', () => {
  const { store, openRoom } = fakeClient().client;
  const ids = Array.from({ length: 25 }, (_, n) => `r${n}`);
  const timeline = { messages: [build({ seq: 1 })], hasBefore: false, hasAfter: false };
  store.update(() => ({
    rooms: Object.fromEntries(ids.map((id) => [id, buildRoom({ id })])),
    timelines: Object.fromEntries(ids.map((id) => [id, timeline])),
  }));
  for (const id of ids) openRoom(id);
  expect(Object.keys(store.get().timelines)).toEqual(ids.slice(-20));
});
