import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { build } from '../model/builders';
import { withChanges } from '../model/timeline';
import { edit } from './actions';
import { fakeChat, standIn } from './builders';
import { update } from './chat';

const message = build({ seq: 1, content: 'at the west pier' });
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
    const { chat, wire } = fakeChat();
    wire.answer = stored;
    const done = edit(chat, message, 'at the east pier');
    await vi.advanceTimersByTimeAsync(1000);
    wire.connect();
    await vi.advanceTimersByTimeAsync(1000);
    expect(wire.said).toEqual([]);
    chat.mine = true;
    await vi.advanceTimersByTimeAsync(100);
    await done;
    expect(wire.said).toHaveLength(1);
  });

  it('is asked again where the connection ends before the answer', async () => {
    const { chat, wire } = fakeChat();
    wire.connect();
    chat.mine = true;
    wire.answer = async () => {
      wire.disconnect();
      throw new Error('socket has been disconnected');
    };
    update(chat, () => ({ connection: { at: 'moving' } }));
    const done = edit(chat, message, 'at the east pier');
    await vi.advanceTimersByTimeAsync(200);
    wire.answer = stored;
    wire.connect();
    await vi.advanceTimersByTimeAsync(100);
    await done;
    expect(wire.said).toHaveLength(2);
  });

  it('goes out after what was changed before it, and is shown until it is stored', async () => {
    const { chat, wire } = fakeChat();
    wire.answer = stored;
    const both = ['one', 'two'].map((content) => edit(chat, message, content));
    await vi.advanceTimersByTimeAsync(70);
    expect(withChanges([message], chat.store.get().changing)).toMatchObject([{ content: 'two' }]);
    wire.connect();
    chat.mine = true;
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(both);
    expect(wire.said.map(({ body }) => body)).toMatchObject([{ content: 'one' }, { content: 'two' }]);
    expect(chat.store.get().changing).toEqual({});
  });

  it('fails as soon as the page says that there is none, and in any case in time', async () => {
    const { chat } = fakeChat();
    const told = expect(edit(chat, message, 'at the east pier')).rejects.toThrow('no answer');
    await vi.advanceTimersByTimeAsync(200);
    update(chat, () => ({ connection: { at: 'offline' } }));
    await vi.advanceTimersByTimeAsync(100);
    await told;
    update(chat, () => ({ connection: { at: 'moving' } }));
    const late = expect(edit(chat, message, 'at the east pier')).rejects.toThrow('no answer');
    await vi.advanceTimersByTimeAsync(10_100);
    await late;
  });

  it('is not asked again where the server is there and silent', async () => {
    const { chat, wire } = fakeChat();
    wire.connect();
    chat.mine = true;
    wire.answer = async () => {
      throw new Error('operation has timed out');
    };
    await expect(edit(chat, message, 'at the east pier')).rejects.toThrow('no answer');
    expect(wire.said).toHaveLength(1);
  });
});
