import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startFeed } from '../model/feed';
import { fakeChat, standIn } from './builders';
import { update } from './chat';
import { type Control, startConnection } from './connection';

beforeEach(() => {
  vi.useFakeTimers();
  standIn({});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lost long enough to be said, and connected again. */
function cameBack() {
  const { chat, wire } = fakeChat();
  update(chat, () => ({ roomsLoaded: true }));
  const control: Control = startConnection(chat, () => undefined);
  const real = wire.connect.bind(wire);
  wire.connect = () => wire;
  wire.disconnect();
  vi.advanceTimersByTime(2500);
  wire.connect = real;
  control.tryNow();
  return { chat, wire, control, at: () => chat.store.get().connection.at };
}

describe('after a loss', () => {
  it('all is said to be there only when rooms, heads and holes are', () => {
    const { chat, control, at } = cameBack();
    chat.settle();
    expect(at()).toBe('catchingUp');
    control.heads(2);
    chat.feeds.set('r', { ...startFeed(3), syncing: true });
    vi.advanceTimersByTime(400);
    control.listed();
    expect(at()).toBe('catchingUp');
    chat.feeds.set('r', startFeed(5));
    chat.loads.set('r', { key: '', done: Promise.resolve() });
    chat.settle();
    expect(at()).toBe('catchingUp');
    chat.loads.clear();
    chat.settle();
    expect(at()).toBe('back');
  });

  it('nothing goes out before it is known whose session this is', () => {
    const { chat, wire } = cameBack();
    chat.mine = true;
    wire.disconnect();
    expect(chat.mine).toBe(false);
  });
});

it('a page that has ended does not connect again', () => {
  const { chat, wire } = cameBack();
  chat.end({ why: 'left' });
  chat.end({ why: 'expired' });
  expect(chat.store.get().ended).toEqual({ why: 'left' });
  vi.advanceTimersByTime(60_000);
  expect(wire.connected).toBe(false);
});
