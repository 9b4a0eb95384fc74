import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signIn } from './account';
import { finishSignOut, isSignOutPending, keepMe, keptMe, signOutLocally } from './session';

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
  it('stays pending until the server has answered, and nobody is signed in meanwhile', async () => {
    keepMe(ME);
    signOutLocally();
    expect(keptMe()).toBeUndefined();
    server(undefined, { status: 204 });
    await expect(finishSignOut()).rejects.toThrow('no answer');
    expect(isSignOutPending()).toBe(true);
    await Promise.all([finishSignOut(), finishSignOut()]);
    expect(isSignOutPending()).toBe(false);
    expect(asked).toHaveLength(2);
  });

  it('is done where the session had ended by itself', async () => {
    signOutLocally();
    server({ status: 401, body: { code: 'unauthenticated', status: 401, title: '', detail: '' } });
    await finishSignOut();
    expect(isSignOutPending()).toBe(false);
  });

  it('comes before the next sign-in, which would otherwise lose the old session', async () => {
    signOutLocally();
    server({ status: 204 }, { status: 200, body: { me: ME, token: 't' } });
    await signIn({ login: 'tomas', password: 'x' });
    expect(asked).toEqual(['/api/auth/sign-out', '/api/auth/sign-in']);
  });
});
