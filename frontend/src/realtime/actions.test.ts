import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../model/builders';
import type { Pending } from '../model/outbox';
import { openRoom, takeBack } from './actions';
import { fakeChat, standIn } from './builders';
import { update } from './chat';
import { changeDraft, draftOf, startDrafts } from './drafts';
import { dropPicture, keepPicture, sentPicture } from './pictures';

const failed: Pending = {
  clientId: 'c1',
  roomId: 'r',
  content: 'the refused one',
  createdAt: '2026-01-01T00:00:00Z',
  state: 'failed',
  attempts: 1,
};

beforeEach(() => standIn({}));
afterEach(() => vi.unstubAllGlobals());

describe('a failed message that is taken back', () => {
  it('comes before what is being written, which stays', () => {
    const { chat } = fakeChat();
    update(chat, () => ({ outbox: [failed] }));
    changeDraft(chat, 'r', { text: 'half a thought' });
    takeBack(chat, 'c1');
    expect(draftOf(chat, 'r').text).toBe('the refused one\nhalf a thought');
    expect(chat.store.get().outbox).toEqual([]);
  });

  it('does not take away a change that was begun', () => {
    const { chat } = fakeChat();
    update(chat, () => ({ outbox: [failed] }));
    const edit = { message: build({ seq: 1 }), text: 'a better word' };
    changeDraft(chat, 'r', { edit });
    takeBack(chat, 'c1');
    expect(draftOf(chat, 'r')).toMatchObject({ text: 'the refused one', edit });
  });
});

describe('a draft', () => {
  it('is kept with its pictures and the change that was begun, also where the page is left at once', () => {
    const { chat } = fakeChat();
    const save = vi.spyOn(chat.storage, 'saveDraft');
    startDrafts(chat);
    const edit = { message: build({ seq: 1 }), text: 'a better word' };
    const images = [{ clientId: 'c', name: 'x', type: 'image/png', bytes: 1, size: { width: 1, height: 1 } }];
    changeDraft(chat, 'r', { edit });
    changeDraft(chat, 'r', { images });
    expect(save).not.toHaveBeenCalled();
    window.dispatchEvent(new Event('pagehide'));
    expect(save).toHaveBeenCalledWith('r', { text: '', edit, images });
    changeDraft(chat, 'r', { edit: undefined, images: undefined });
    for (const end of chat.ends) end();
    expect(save).toHaveBeenLastCalledWith('r', undefined);
  });
});

describe('a room that is opened at one of its messages', () => {
  it('stays there, whatever else is learned of it meanwhile', async () => {
    const { chat } = fakeChat();
    const asked: string[] = [];
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path);
      if (path === '/api/rooms/r') return new Response(JSON.stringify({ room: buildRoom({ head: 300 }), members: [] }));
      return new Promise(() => undefined);
    });
    update(chat, () => ({ rooms: { r: buildRoom({ head: 300 }) }, roomsLoaded: true }));
    openRoom(chat, 'r', 7);
    for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setTimeout(resolve, 0));
    expect(asked.filter((path) => path.includes('messages'))).toEqual(['/api/rooms/r/messages?limit=50&aroundSeq=7']);
    expect(chat.loads.get('r')?.key).toBe('{"aroundSeq":7}');
  });
});

describe('what this page holds', () => {
  it('is the messages of the rooms that were opened last', () => {
    const { chat } = fakeChat();
    const ids = Array.from({ length: 25 }, (_, n) => `r${n}`);
    const timeline = { messages: [build({ seq: 1 })], hasBefore: false, hasAfter: false };
    update(chat, () => ({
      rooms: Object.fromEntries(ids.map((id) => [id, buildRoom({ id })])),
      timelines: Object.fromEntries(ids.map((id) => [id, timeline])),
    }));
    for (const id of ids) openRoom(chat, id);
    expect(Object.keys(chat.store.get().timelines)).toEqual(ids.slice(-20));
  });

  it('is the pictures that wait, and the last of those that were sent', () => {
    vi.stubGlobal('URL', { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined });
    const { chat } = fakeChat();
    update(chat, () => ({ outbox: [{ ...failed, clientId: 'waits' }] }));
    for (const key of ['waits', 'dropped']) keepPicture(chat, key, new Blob(['x']));
    dropPicture(chat, 'dropped');
    for (let n = 0; n < 30; n += 1) {
      keepPicture(chat, `sent ${n}`, new Blob(['x']));
      sentPicture(chat, `sent ${n}`);
    }
    expect(chat.pictures.size).toBe(21);
    expect(chat.pictures.has('waits') && chat.pictures.has('sent 29')).toBe(true);
    expect(chat.pictures.has('dropped')).toBe(false);
  });
});
