/** This version reads the data that version 0.1.0 left on a device. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { build, buildRoom } from '../model/builders';
import { FakeSocket, MIKA, settled, standIn } from './builders';
import { startClient } from './client';
import type { ChatSocket } from './socket';

type Put = readonly [store: string, value: unknown, key?: string];

/** Written by hand, so that a change of our own schema does not change what is read. */
function write(name: string, version: number, upgrade: (db: IDBDatabase) => void, puts: readonly Put[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, version);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => upgrade(opening.result);
    opening.onsuccess = () => {
      const db = opening.result;
      const tx = db.transaction([...db.objectStoreNames], 'readwrite');
      for (const [store, value, key] of puts) tx.objectStore(store).put(value, key);
      tx.oncomplete = () => {
        db.close();
        resolve();
      };
    };
  });
}

const CLIENT_ID = '01960000-0000-7000-8000-000000000001';
const WITH_PICTURE = '01960000-0000-7000-8000-000000000002';
const image = { name: 'pier.png', type: 'image/png', bytes: 1, size: { width: 2, height: 1 } };
const waiting = { roomId: 'r', createdAt: '2026-01-01T00:00:00Z', attempts: 1 };

function writeUnsent(): Promise<void> {
  const upgrade = (db: IDBDatabase) => {
    db.createObjectStore('pending', { keyPath: ['userId', 'pending.clientId'] });
    db.createObjectStore('picture');
    db.createObjectStore('draft', { keyPath: ['userId', 'roomId'] });
  };
  const first = { ...waiting, clientId: CLIENT_ID, content: 'from the tunnel', state: 'sending', notBefore: 1 };
  const second = { ...waiting, clientId: WITH_PICTURE, content: '', state: 'failed', cause: 'upload', image };
  const draft = { text: 'half a thought', replyTo: 'r-1', told: { text: 'half' } };
  return write('chat', 1, upgrade, [
    ['pending', { userId: 'mika', place: 1, pending: second }],
    ['pending', { userId: 'mika', place: 0, pending: first }],
    ['pending', { userId: 'tomas', place: 0, pending: { ...first, clientId: 'his' } }],
    ['picture', new Blob(['x']), WITH_PICTURE],
    ['draft', { userId: 'mika', roomId: 'r', draft }],
  ]);
}

function writeCopies(): Promise<void> {
  const upgrade = (db: IDBDatabase) => {
    for (const name of ['room', 'timeline']) db.createObjectStore(name, { keyPath: ['userId', 'roomId'] });
    db.createObjectStore('about');
  };
  const timeline = { messages: [1, 2].map((seq) => build({ seq })), hasBefore: true, hasAfter: false };
  return write('chat-copies', 2, upgrade, [
    ['room', { userId: 'mika', roomId: 'r', room: buildRoom({ head: 2, name: 'tea' }) }],
    ['timeline', { userId: 'mika', roomId: 'r', epoch: 'e', cursor: 2, timeline }],
    ['about', { epoch: 'e', users: [{ id: 'other', username: 'other', displayName: 'Other' }] }, 'mika'],
  ]);
}

beforeEach(() => standIn({ '/api/me': MIKA }));
afterEach(() => vi.unstubAllGlobals());

it('shows the rooms, messages and drafts, and sends what waits', async () => {
  await Promise.all([writeUnsent(), writeCopies()]);
  const socket = new FakeSocket();
  const client = startClient(MIKA, socket as unknown as ChatSocket);
  await settled();
  const { rooms, timelines, users, epoch, drafts, outbox } = client.store.get();
  expect(rooms['r']?.name).toBe('tea');
  expect(timelines['r']?.messages.map((message) => message.seq)).toEqual([1, 2]);
  expect(client.feeds.cursor('r')).toBe(2);
  expect([users['other']?.displayName, epoch]).toEqual(['Other', 'e']);
  expect(drafts).toEqual({ r: { text: 'half a thought', replyTo: 'r-1', told: { text: 'half' } } });
  expect(outbox.map(({ clientId, state }) => [clientId, state])).toEqual([
    [CLIENT_ID, 'sending'],
    [WITH_PICTURE, 'failed'],
  ]);
  expect(outbox[1]).toMatchObject({ image, cause: 'upload' });
  expect(socket.sent.filter(({ name }) => name === 'sendMessage').map(({ body }) => body)).toEqual([
    { roomId: 'r', clientId: CLIENT_ID, content: 'from the tunnel' },
  ]);
  expect(await client.pictures.load(WITH_PICTURE)).toMatch(/^blob:/);
  client.stop();
});
