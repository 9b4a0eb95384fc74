/** A client without a browser and a server, for the tests: its socket and its `fetch` answer what a test says. */
import 'fake-indexeddb/auto';
import { vi } from 'vitest';
import type { Me } from '../api/contract';
import { type Client, createClient } from './client';
import type { ChatSocket } from './socket';

export const MIKA: Me = {
  id: 'mika',
  username: 'mika',
  displayName: 'Mika',
  email: 'mika@test.example',
  locale: 'en',
  admin: false,
  createdAt: '2026-01-01T00:00:00Z',
};
export const TOMAS: Me = { ...MIKA, id: 'tomas', username: 'tomas', displayName: 'Tomas' };

type Listener = (...args: never[]) => void;
type Answer = (name: string, body: never) => Promise<unknown>;

/** Answers like a socket; `connect` and `disconnect` do at once what they say. */
export class FakeSocket {
  connected = false;
  id: string | undefined;
  readonly io = {};
  readonly sent: { name: string; body: unknown }[] = [];
  answer: Answer = () => new Promise(() => undefined);
  private readonly listeners = new Map<string, Set<Listener>>();
  private connections = 0;

  on(name: string, listener: Listener): this {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
    return this;
  }

  off(name: string, listener: Listener): this {
    this.listeners.get(name)?.delete(listener);
    return this;
  }

  receive(name: string, ...args: unknown[]): void {
    for (const listener of this.listeners.get(name) ?? []) listener(...(args as never[]));
  }

  connect(): this {
    this.connected = true;
    this.connections += 1;
    this.id = `socket-${this.connections}`;
    this.receive('connect');
    return this;
  }

  disconnect(): this {
    if (!this.connected) return this;
    this.connected = false;
    this.id = undefined;
    this.receive('disconnect');
    return this;
  }

  timeout() {
    return {
      emitWithAck: (name: string, body: never) => {
        this.sent.push({ name, body });
        return this.answer(name, body);
      },
    };
  }
}

export function fakeClient(me: Me = MIKA): { client: Client; socket: FakeSocket } {
  const socket = new FakeSocket();
  return { client: createClient(me, socket as unknown as ChatSocket), socket };
}

/** Until what was asked for before is done. */
export async function settled(): Promise<void> {
  for (let n = 0; n < 30; n += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a page stands on; `answers` are what the server says to `GET`, by path. */
export function standIn(answers: Record<string, unknown>): void {
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const kept = new Map<string, string>();
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('document', page);
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal('fetch', async (path: string) => {
    const answer = answers[path.split('?')[0] ?? ''];
    if (answer === undefined) throw new TypeError('no answer');
    if (typeof answer === 'object' && answer !== null && 'code' in answer) {
      return new Response(JSON.stringify(answer), { status: 403 });
    }
    return new Response(JSON.stringify(answer));
  });
}
