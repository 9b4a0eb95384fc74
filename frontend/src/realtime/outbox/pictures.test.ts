import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fakeClient, standIn } from '../builders';

beforeEach(() => standIn({}));
afterEach(() => vi.unstubAllGlobals());

it('this page holds the pictures that wait, and the last of those that were sent', () => {
  vi.stubGlobal('URL', { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined });
  const { store, pictures } = fakeClient().client;
  const createdAt = '2026-01-01T00:00:00Z';
  store.update(() => ({
    outbox: [{ clientId: 'waits', roomId: 'r', content: '', createdAt, state: 'failed', attempts: 1 }],
  }));
  for (const key of ['waits', 'dropped']) pictures.keep(key, new Blob(['x']));
  pictures.drop('dropped');
  const sent = Array.from({ length: 30 }, (_, n) => `sent ${n}`);
  for (const key of sent) {
    pictures.keep(key, new Blob(['x']));
    pictures.sent(key);
  }
  const held = ['waits', 'dropped', ...sent].filter((key) => pictures.urlOf(key) !== undefined);
  expect(held).toEqual(['waits', ...sent.slice(-20)]);
});
