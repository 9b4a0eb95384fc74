import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build } from '../../model/builders';
import { withChanges } from '../../model/timeline/timeline';
import { type FakeSocket, fakeClient, MIKA, standIn } from '../builders';

const message = build({ seq: 1, content: 'at the west pier' });
/** What was sent of changes; a connection sends other things, too. */
const changes = (socket: FakeSocket) => socket.sent.filter(({ name }) => name === 'editMessage');
const stored = async () => ({ ok: true, message: { ...message, content: 'at the east pier', changedSeq: 2 } });

beforeEach(() => {
  standIn({});
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a change without a connection', () => {
  it('waits for one that is being made, and is this person’s', async () => {
    const { client, socket } = fakeClient();
    socket.answer = stored;
    const done = client.changes.edit(message, 'at the east pier');
    await vi.advanceTimersByTimeAsync(1000);
    socket.connect();
    await vi.advanceTimersByTimeAsync(1000);
    expect(changes(socket)).toEqual([]);
    standIn({ '/api/me': MIKA });
    await vi.advanceTimersByTimeAsync(5000);
    await done;
    expect(changes(socket)).toHaveLength(1);
  });

  it('is asked again where the connection ends before the answer', async () => {
    const { client, socket } = fakeClient();
    standIn({ '/api/me': MIKA });
    socket.connect();
    await vi.advanceTimersByTimeAsync(0);
    socket.answer = async () => {
      socket.disconnect();
      throw new Error('socket has been disconnected');
    };
    client.store.update(() => ({ connection: { at: 'moving' } }));
    const done = client.changes.edit(message, 'at the east pier');
    await vi.advanceTimersByTimeAsync(200);
    socket.answer = stored;
    socket.connect();
    await vi.advanceTimersByTimeAsync(100);
    await done;
    expect(changes(socket)).toHaveLength(2);
  });

  it('goes out after what was changed before it, and is shown until it is stored', async () => {
    const { client, socket } = fakeClient();
    socket.answer = stored;
    const both = ['one', 'two'].map((content) => client.changes.edit(message, content));
    await vi.advanceTimersByTimeAsync(70);
    expect(withChanges([message], client.store.get().changing)).toMatchObject([{ content: 'two' }]);
    standIn({ '/api/me': MIKA });
    socket.connect();
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(both);
    expect(changes(socket).map(({ body }) => body)).toMatchObject([{ content: 'one' }, { content: 'two' }]);
    expect(client.store.get().changing).toEqual({});
  });

  it('fails as soon as the page says that there is none, and in any case in time', async () => {
    const { client } = fakeClient();
    const failed = expect(client.changes.edit(message, 'at the east pier')).rejects.toThrow('no answer');
    await vi.advanceTimersByTimeAsync(200);
    client.store.update(() => ({ connection: { at: 'offline' } }));
    await vi.advanceTimersByTimeAsync(100);
    await failed;
    client.store.update(() => ({ connection: { at: 'moving' } }));
    const late = expect(client.changes.edit(message, 'at the east pier')).rejects.toThrow('no answer');
    await vi.advanceTimersByTimeAsync(10_100);
    await late;
  });

  it('is not asked again where the server is there and silent', async () => {
    const { client, socket } = fakeClient();
    standIn({ '/api/me': MIKA });
    socket.connect();
    await vi.advanceTimersByTimeAsync(0);
    socket.answer = async () => {
      throw new Error('operation has timed out');
    };
    await expect(client.changes.edit(message, 'at the east pier')).rejects.toThrow('no answer');
    expect(changes(socket)).toHaveLength(1);
  });
});
