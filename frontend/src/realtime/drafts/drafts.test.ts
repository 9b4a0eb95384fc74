import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../../model/builders';
import { fakeClient, MIKA, standIn } from '../builders';
import type { Client } from '../client';

const kept = (content: string) => ({ content, changedAt: '2026-01-01T00:00:00Z' });
const roomWith = (content?: string) => buildRoom(content === undefined ? {} : { draft: kept(content) });

beforeEach(() => {
  standIn({ '/api/me': MIKA });
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** On a connection that is this person's, with nothing kept on this device. */
async function start() {
  const { client, socket } = fakeClient();
  vi.spyOn(client.storage, 'saveDraft').mockImplementation(() => undefined);
  client.drafts.restore({});
  socket.connect();
  await settled();
  const sent = () => socket.sent.filter(({ name }) => name === 'draft').map(({ body }) => body);
  return { client, socket, sent };
}

const yes = () => Promise.resolve({ ok: true });
const text = (client: Client) => client.drafts.get('r').text;
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('what this device has kept', () => {
  it('is sent though the session was confirmed before it was read', async () => {
    const { client, socket } = fakeClient();
    socket.answer = yes;
    socket.connect();
    await settled();
    client.drafts.restore({ r: { text: 'from the tunnel' } });
    await vi.advanceTimersByTimeAsync(1000);
    const sent = socket.sent.filter(({ name }) => name === 'draft').map(({ body }) => body);
    expect(sent).toEqual([{ roomId: 'r', content: 'from the tunnel' }]);
  });
});

describe('what is being written', () => {
  it('is sent a second after the last key, once', async () => {
    const { client, socket, sent } = await start();
    socket.answer = yes;
    for (const next of ['h', 'he', 'hel']) {
      client.drafts.change('r', { text: next });
      await vi.advanceTimersByTimeAsync(900);
    }
    expect(sent()).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(sent()).toEqual([{ roomId: 'r', content: 'hel' }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent()).toHaveLength(1);
  });

  it('is sent at once where the message was, and again until the server has it', async () => {
    const { client, socket, sent } = await start();
    socket.answer = yes;
    client.drafts.change('r', { text: 'hello', replyTo: 'r-1' });
    client.draftSync.now();
    await settled();
    expect(sent()).toEqual([{ roomId: 'r', content: 'hello', replyTo: 'r-1' }]);
    socket.answer = () => Promise.reject(new Error('no answer'));
    client.drafts.change('r', { text: '', replyTo: undefined });
    client.draftSync.now();
    await settled();
    expect(client.store.get().drafts['r']).toEqual({ text: '', told: { text: 'hello', replyTo: 'r-1' } });
    socket.answer = yes;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent().slice(1)).toEqual([
      { roomId: 'r', content: '' },
      { roomId: 'r', content: '' },
    ]);
    expect(client.store.get().drafts).toEqual({});
  });

  it('waits for a connection of its person', async () => {
    const { client, socket, sent } = await start();
    socket.answer = yes;
    const connect = socket.connect.bind(socket);
    socket.connect = () => socket;
    socket.disconnect();
    client.drafts.change('r', { text: 'in the tunnel' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent()).toEqual([]);
    connect();
    await settled();
    expect(sent()).toEqual([{ roomId: 'r', content: 'in the tunnel' }]);
  });
});

describe('a draft on this device', () => {
  it('is kept with its pictures and the change that was begun, also where the page is left at once', () => {
    const { client } = fakeClient();
    const save = vi.spyOn(client.storage, 'saveDraft');
    const edit = { message: build({ seq: 1 }), text: 'a better word' };
    const images = [{ clientId: 'c', name: 'x', type: 'image/png', bytes: 1, size: { width: 1, height: 1 } }];
    client.drafts.change('r', { edit });
    client.drafts.change('r', { images });
    expect(save).not.toHaveBeenCalled();
    window.dispatchEvent(new Event('pagehide'));
    expect(save).toHaveBeenCalledWith('r', { text: '', edit, images });
    client.drafts.change('r', { edit: undefined, images: undefined });
    client.stop();
    expect(save).toHaveBeenLastCalledWith('r', undefined);
  });
});

describe('a page that ends in the middle of a word', () => {
  it('keeps it, and still posts it to the other tabs', async () => {
    const other = new BroadcastChannel('chat.mika');
    const posted = new Promise((resolve) => {
      other.onmessage = (event) => resolve(event.data);
    });
    vi.stubGlobal('window', Object.assign(new EventTarget(), { BroadcastChannel }));
    const { client } = fakeClient();
    vi.spyOn(client.storage, 'saveDraft').mockImplementation(() => undefined);
    client.drafts.change('r', { text: 'hel' });
    client.stop();
    expect(client.storage.saveDraft).toHaveBeenCalledWith('r', { text: 'hel' });
    expect(await posted).toEqual({ what: 'draft', roomId: 'r', draft: { text: 'hel' } });
    other.close();
  });
});

describe('what was written elsewhere', () => {
  it('is shown, except where something is not on the server yet', async () => {
    const { client, socket } = await start();
    socket.receive('draftChanged', { roomId: 'r', draft: kept('elsewhere') });
    await settled();
    expect(text(client)).toBe('elsewhere');
    client.drafts.change('r', { text: 'elsewhere, and here' });
    socket.receive('draftChanged', { roomId: 'r', draft: kept('there again') });
    await settled();
    expect(text(client)).toBe('elsewhere, and here');
    socket.answer = yes;
    client.draftSync.now();
    await settled();
    socket.receive('draftChanged', { roomId: 'r' });
    await settled();
    expect(client.store.get().drafts).toEqual({});
  });

  it('is not posted to the other tabs by this one', async () => {
    const { client, socket } = await start();
    const post = vi.spyOn(client.tabs, 'post');
    socket.receive('draftChanged', { roomId: 'r', draft: kept('elsewhere') });
    await vi.advanceTimersByTimeAsync(1000);
    expect(post).not.toHaveBeenCalled();
    expect(client.storage.saveDraft).toHaveBeenCalledWith('r', { text: 'elsewhere', told: { text: 'elsewhere' } });
  });

  it('counts only where it was asked for after the last that is known', async () => {
    const { client, socket } = await start();
    socket.answer = yes;
    const revision = client.drafts.revision();
    client.drafts.change('r', { text: 'newer' });
    client.draftSync.now();
    await settled();
    client.drafts.receiveFromRooms([roomWith()], revision);
    await settled();
    expect(text(client)).toBe('newer');
    await vi.advanceTimersByTimeAsync(5000);
    client.drafts.receiveFromRooms([roomWith('from the list')], client.drafts.revision());
    await settled();
    expect(text(client)).toBe('from the list');
  });

  it('is nothing where another server answers before it has what was just written here', async () => {
    const { client, socket } = await start();
    socket.answer = yes;
    client.drafts.change('r', { text: 'just written' });
    client.draftSync.now();
    await settled();
    const revision = client.drafts.revision();
    client.drafts.receiveFromRooms([roomWith()], revision);
    await vi.advanceTimersByTimeAsync(5000);
    // An answer that took long was made as early.
    client.drafts.receiveFromRooms([roomWith()], revision);
    await settled();
    expect(text(client)).toBe('just written');
    // What another device writes comes by an event.
    socket.receive('draftChanged', { roomId: 'r', draft: kept('elsewhere') });
    await settled();
    expect(text(client)).toBe('elsewhere');
  });

  it('waits for what this device has kept', async () => {
    const { client } = fakeClient();
    client.drafts.receiveFromRooms([roomWith('the server’s')], client.drafts.revision());
    await settled();
    client.drafts.restore({ r: { text: 'kept, and not sent' } });
    await settled();
    expect(client.drafts.get('r')).toEqual({ text: 'kept, and not sent', told: { text: 'the server’s' } });
  });
});
