/** People and rooms for the specs: made through the API, with names that nobody had before. */
import { randomBytes } from 'node:crypto';
import {
  type APIRequestContext,
  type Browser,
  type BrowserContextOptions,
  expect,
  type Locator,
  type Page,
} from '@playwright/test';

const PASSWORD = 'correct horse battery';

export type Person = { id: string; username: string; email: string; password: string; name: string };

/** A signed-in person with a window of their own. */
export type Guest = Person & { page: Page; api: APIRequestContext };

export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

/** With `baseURL` among the options they come to another server. */
export async function arrive(browser: Browser, name: string, options: BrowserContextOptions = {}): Promise<Guest> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options });
  const username = unique(name.toLowerCase().replace(/[^a-z]/g, '') || 'guest');
  const email = `${username}@test.example`;
  const api = context.request;
  const me = await signUp(api, { username, email, password: PASSWORD });
  const named = await api.patch('/api/me', { data: { displayName: name } });
  expect(named.ok(), await named.text()).toBe(true);
  const page = await context.newPage();
  return { id: me.id, username, email, password: PASSWORD, name, page, api };
}

/** Many specs from one address: where the server says so, wait. */
async function signUp(api: APIRequestContext, data: Record<string, string>): Promise<{ id: string }> {
  for (;;) {
    const answer = await api.post('/api/auth/sign-up', { data });
    if (answer.status() === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers()['retry-after'] ?? 1)));
      continue;
    }
    expect(answer.ok(), await answer.text()).toBe(true);
    return ((await answer.json()) as { me: { id: string } }).me;
  }
}

export async function makeRoom(
  host: Guest,
  kind: 'public' | 'private' | 'group',
  name: string,
  others: readonly Person[],
): Promise<string> {
  const data = { kind, name, members: others.map((person) => person.username) };
  const answer = await host.api.post('/api/rooms', { data });
  expect(answer.ok(), await answer.text()).toBe(true);
  const { room } = (await answer.json()) as { room: { id: string } };
  return room.id;
}

export async function makeDirect(host: Guest, other: Person): Promise<string> {
  const answer = await host.api.post('/api/rooms', { data: { kind: 'direct', members: [other.username] } });
  expect(answer.ok(), await answer.text()).toBe(true);
  const { room } = (await answer.json()) as { room: { id: string } };
  return room.id;
}

export async function post(
  guest: Guest,
  roomId: string,
  content: string,
  more: { replyTo?: string } = {},
): Promise<string> {
  const answer = await guest.api.post(`/api/rooms/${roomId}/messages`, {
    data: { clientId: crypto.randomUUID(), content, ...more },
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  const { id } = (await answer.json()) as { id: string };
  return id;
}

export async function open(guest: Guest, roomId: string): Promise<void> {
  await guest.page.goto(`/rooms/${roomId}`);
  await expect(guest.page.locator('#composer')).toBeVisible();
  await online(guest.page);
}

export async function online(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const banner = document.querySelector('.banner');
    const conn = document.querySelector('.side-foot .conn');
    return !banner && (conn === null || conn.textContent === 'Online');
  });
}

export async function say(page: Page, text: string): Promise<void> {
  await page.locator('#composer').fill(text);
  await page.locator('#composer').press('Enter');
}

export function message(page: Page, text: string): Locator {
  return page.locator('article.msg', { hasText: text });
}
