import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signIn } from './account';
import { finishLeaving, isLeaving, keepMe, keptMe, leave } from './session';

const ME = { id: 'mika' } as Parameters<typeof keepMe>[0];
let asked: string[] = [];

/** What the server says, one answer after the other; `undefined` is none. */
function server(...answers: ({ status: number; body?: unknown } | undefined)[]): void {
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const answer = answers.shift();
    if (!answer) throw new TypeError('offline');
    return new Response(answer.status === 204 ? null : JSON.stringify(answer.body), { status: answer.status });
  });
}

beforeEach(() => {
  asked = [];
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe('a sign-out without a connection', () => {
  it('is a wish that stays until the server has heard, and nobody is signed in meanwhile', async () => {
    keepMe(ME);
    leave();
    expect(keptMe()).toBeUndefined();
    server(undefined, { status: 204 });
    await expect(finishLeaving()).rejects.toThrow('no answer');
    expect(isLeaving()).toBe(true);
    await Promise.all([finishLeaving(), finishLeaving()]);
    expect(isLeaving()).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('is done where the session had ended by itself', async () => {
    leave();
    server({ status: 401, body: { code: 'unauthenticated', status: 401, title: '', detail: '' } });
    await finishLeaving();
    expect(isLeaving()).toBe(false);
  });

  it('comes before the next sign-in, which would otherwise lose the old session', async () => {
    leave();
    server({ status: 204 }, { status: 200, body: { me: ME, token: 't' } });
    await signIn({ login: 'tomas', password: 'x' });
    expect(asked).toEqual(['/api/auth/sign-out', '/api/auth/sign-in']);
  });
});
