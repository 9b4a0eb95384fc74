import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildRoom } from '../model/builders';
import { fakeChat, standIn } from './builders';
import { type Chat, endAll } from './chat';
import { changeDraft, draftOf, hearDrafts, onDraftChanged, startDrafts } from './drafts';
import { startTabs } from './tabs';
import { startTeller } from './teller';

const kept = (content: string) => ({ content, changedAt: '2026-01-01T00:00:00Z' });
const roomWith = (content?: string) => buildRoom(content === undefined ? {} : { draft: kept(content) });

beforeEach(() => {
  standIn({});
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function start() {
  const { chat, wire } = fakeChat();
  vi.spyOn(chat.storage, 'saveDraft').mockImplementation(() => undefined);
  startDrafts(chat);
  const tellNow = startTeller(chat);
  wire.connect();
  chat.mine = true;
  const told = () => wire.said.filter(({ name }) => name === 'draft').map(({ body }) => body);
  return { chat, wire, tellNow, told };
}

const yes = () => Promise.resolve({ ok: true });
const text = (chat: Chat) => draftOf(chat, 'r').text;
const settled = () => vi.advanceTimersByTimeAsync(0);

describe('what is being written', () => {
  it('is told a second after the last key, once', async () => {
    const { chat, wire, told } = start();
    wire.answer = yes;
    for (const next of ['h', 'he', 'hel']) {
      changeDraft(chat, 'r', { text: next });
      await vi.advanceTimersByTimeAsync(900);
    }
    expect(told()).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(told()).toEqual([{ roomId: 'r', content: 'hel' }]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told()).toHaveLength(1);
  });

  it('is told at once where it was sent, and again until the server has heard', async () => {
    const { chat, wire, told } = start();
    wire.answer = yes;
    changeDraft(chat, 'r', { text: 'hello', replyTo: 'r-1' });
    chat.tellDrafts('now');
    await settled();
    expect(told()).toEqual([{ roomId: 'r', content: 'hello', replyTo: 'r-1' }]);
    wire.answer = () => Promise.reject(new Error('no answer'));
    changeDraft(chat, 'r', { text: '', replyTo: undefined });
    chat.tellDrafts('now');
    await settled();
    expect(chat.store.get().drafts['r']).toEqual({ text: '', told: { text: 'hello', replyTo: 'r-1' } });
    wire.answer = yes;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told().slice(1)).toEqual([
      { roomId: 'r', content: '' },
      { roomId: 'r', content: '' },
    ]);
    expect(chat.store.get().drafts).toEqual({});
  });

  it('waits for a connection of its person', async () => {
    const { chat, wire, tellNow, told } = start();
    wire.answer = yes;
    chat.mine = false;
    changeDraft(chat, 'r', { text: 'in the tunnel' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told()).toEqual([]);
    chat.mine = true;
    tellNow();
    await settled();
    expect(told()).toEqual([{ roomId: 'r', content: 'in the tunnel' }]);
  });
});

describe('a page that ends in the middle of a word', () => {
  it('keeps it, and still tells the other tabs', async () => {
    const other = new BroadcastChannel('chat.mika');
    const heard = new Promise((resolve) => {
      other.onmessage = (event) => resolve(event.data);
    });
    vi.stubGlobal('window', Object.assign(new EventTarget(), { BroadcastChannel }));
    const { chat } = fakeChat();
    vi.spyOn(chat.storage, 'saveDraft').mockImplementation(() => undefined);
    startTabs(chat);
    startDrafts(chat);
    changeDraft(chat, 'r', { text: 'hel' });
    endAll(chat);
    expect(chat.storage.saveDraft).toHaveBeenCalledWith('r', { text: 'hel' });
    expect(await heard).toEqual({ what: 'draft', roomId: 'r', draft: { text: 'hel' } });
    other.close();
  });
});

describe('what was written elsewhere', () => {
  it('is shown, except where something is not told yet', async () => {
    const { chat, wire } = start();
    onDraftChanged(chat, { roomId: 'r', draft: kept('elsewhere') });
    await settled();
    expect(text(chat)).toBe('elsewhere');
    changeDraft(chat, 'r', { text: 'elsewhere, and here' });
    onDraftChanged(chat, { roomId: 'r', draft: kept('there again') });
    await settled();
    expect(text(chat)).toBe('elsewhere, and here');
    wire.answer = yes;
    chat.tellDrafts('now');
    await settled();
    onDraftChanged(chat, { roomId: 'r' });
    await settled();
    expect(chat.store.get().drafts).toEqual({});
  });

  it('is not told to the other tabs by this one', async () => {
    const { chat } = start();
    const tell = vi.spyOn(chat, 'tell');
    onDraftChanged(chat, { roomId: 'r', draft: kept('elsewhere') });
    await vi.advanceTimersByTimeAsync(1000);
    expect(tell).not.toHaveBeenCalled();
    expect(chat.storage.saveDraft).toHaveBeenCalledWith('r', { text: 'elsewhere', told: { text: 'elsewhere' } });
  });

  it('counts only where it was asked for after the last that is known', async () => {
    const { chat, wire } = start();
    wire.answer = yes;
    const { turn } = chat.news;
    changeDraft(chat, 'r', { text: 'newer' });
    chat.tellDrafts('now');
    await settled();
    hearDrafts(chat, [roomWith()], turn);
    await settled();
    expect(text(chat)).toBe('newer');
    hearDrafts(chat, [roomWith('from the list')], chat.news.turn);
    await settled();
    expect(text(chat)).toBe('from the list');
  });

  it('waits for what this device has kept', async () => {
    const { chat } = start();
    let restored: () => void = () => undefined;
    chat.restored = new Promise((resolve) => {
      restored = resolve;
    });
    hearDrafts(chat, [roomWith('the server’s')], chat.news.turn);
    await settled();
    chat.store.set((state) => ({ ...state, drafts: { r: { text: 'kept, and not told' } } }));
    restored();
    await settled();
    expect(draftOf(chat, 'r')).toEqual({ text: 'kept, and not told', told: { text: 'the server’s' } });
  });
});
