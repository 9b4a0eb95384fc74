import { expect, type Page } from '@playwright/test';
import type { Room } from '../src/api/contract';
import { makeRoom, message, online, open, post, say } from './people';
import { test } from './test';

/** Until the page is kept on the device. */
async function kept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const files = async () => {
      const [name] = (await caches.keys()).filter((key) => key.startsWith('page-'));
      return name === undefined ? 0 : (await (await caches.open(name)).keys()).length;
    };
    while (!navigator.serviceWorker.controller || (await files()) === 0) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
}

/** Rooms of which a copy is on the device, with so many messages. */
function copies(page: Page): Promise<number[]> {
  return page.evaluate(
    () =>
      new Promise<number[]>((resolve, reject) => {
        const opening = indexedDB.open('chat-copies');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const tx = opening.result.transaction(['room', 'timeline']);
          const rooms = tx.objectStore('room').getAll();
          const timelines = tx.objectStore('timeline').getAll();
          tx.oncomplete = () => {
            opening.result.close();
            const messages = (roomId: string) =>
              timelines.result.find((kept) => kept.roomId === roomId)?.timeline.messages;
            resolve(rooms.result.map((room) => messages(room.roomId)?.length ?? 0));
          };
        };
      }),
  );
}

test('a reload without a server shows the conversation, keeps what is written, and goes on where it was', async ({
  own,
}) => {
  const { servers, mika, tomas, room } = await own(1);
  const { page } = mika;
  const group = await makeRoom(tomas, 'group', 'Firmware', [mika]);
  for (let n = 0; n < 30; n += 1) await post(tomas, room, `said ${n}`);
  const regretted = await post(tomas, room, 'to be regretted');
  await post(tomas, group, 'in the group');
  await open(mika, group);
  await expect(message(page, 'in the group')).toBeVisible();
  await page.locator(`nav [data-room="${room}"]`).click();
  await expect(message(page, 'to be regretted')).toBeVisible();
  await kept(page);
  await expect.poll(async () => (await copies(page)).toSorted((a, b) => a - b)).toEqual([2, 32]);
  const problems: string[] = [];
  page.on('console', (line) => line.text().includes('Content Security Policy') && problems.push(line.text()));

  await servers.reachable(false);
  await page.reload();
  await expect(message(page, 'to be regretted')).toBeInViewport();
  await expect(page.locator(`nav [data-room="${group}"]`)).toContainText('Firmware');
  await expect(page.getByRole('heading', { name: 'Tomas' })).toBeVisible();
  await expect(page.locator('.banner')).toContainText('No connection', { timeout: 15_000 });
  await say(page, 'written in the dark');
  await expect(message(page, 'written in the dark').locator('.state')).toContainText('Waiting');
  await page.locator('#composer').fill('half a thought');

  // Another place, parts of the page that were never loaded before, and the same again.
  await page.goto('/settings');
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
  await page.goto(`/rooms/${group}`);
  await expect(message(page, 'in the group')).toBeVisible();
  await page.goto(`/rooms/${room}`);
  await expect(message(page, 'written in the dark')).toBeInViewport();
  await expect(message(page, 'said 29')).toBeVisible();
  await expect(page.locator('#composer')).toHaveValue('half a thought');

  // Meanwhile the world went on.
  const past = `${servers.direct(0)}/api`;
  const answer = await tomas.api.post(`${past}/rooms/${room}/messages`, {
    data: { clientId: crypto.randomUUID(), content: 'said meanwhile' },
  });
  expect(answer.ok()).toBe(true);
  expect((await tomas.api.delete(`${past}/messages/${regretted}`)).ok()).toBe(true);
  await servers.reachable(true);
  await expect(message(page, 'written in the dark').locator('.state')).toContainText('Sent', { timeout: 30_000 });
  await expect(message(page, 'said meanwhile')).toBeVisible();
  await expect(message(page, 'to be regretted')).toHaveCount(0);
  await expect(page.getByText('Tomas deleted this message')).toBeVisible();
  await online(page);
  await open(tomas, room);
  await expect(message(tomas.page, 'written in the dark')).toHaveCount(1);
  const texts = ['said 29', 'said meanwhile', 'written in the dark'];
  await expect(page.locator('article.msg .txt').filter({ hasText: /said 29|meanwhile|dark/ })).toHaveText(texts);
  expect(problems).toEqual([]);
});

test('whoever signs out without a connection is out: in every tab, after a reload, and at the server as soon as it hears', async ({
  own,
}) => {
  const { servers, mika, tomas, room } = await own(1);
  const { page } = mika;
  await post(tomas, room, 'between us');
  await open(mika, room);
  await expect(message(page, 'between us')).toBeVisible();
  await kept(page);
  await page.reload();
  await expect(message(page, 'between us')).toBeVisible();
  await expect.poll(() => copies(page)).toEqual([2]);
  const second = await page.context().newPage();
  await second.goto(`/rooms/${room}`);
  await second.locator('#composer').fill('half a thought');
  const drafts = async () => {
    const rooms: Room[] = await (await mika.api.get('/api/rooms')).json();
    return rooms.map(({ draft }) => draft?.content);
  };
  await expect.poll(drafts).toEqual(['half a thought']);
  await page.bringToFront();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();

  await servers.reachable(false);
  await expect(page.locator('.banner')).toContainText('No connection', { timeout: 15_000 });
  await second.locator('#composer').fill('half a thought, and more');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  for (const tab of [page, second]) await expect(tab.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByRole('status')).toContainText('You are signed out on this device.');
  await expect.poll(() => copies(page)).toEqual([]);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByRole('status')).toContainText('You are signed out on this device.');
  const session = async () => (await mika.api.get(`${servers.direct(0)}/api/me`)).status();
  expect(await session()).toBe(200);

  await servers.reachable(true);
  await expect.poll(session, { timeout: 30_000 }).toBe(401);
  for (const tab of [page, second]) await expect(tab.getByRole('status')).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  // The draft that the server had is there; the newer one of this device is not.
  await page.getByLabel('Username or email').fill(mika.username);
  await page.getByLabel('Password', { exact: true }).fill(mika.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  for (const tab of [page, second]) {
    await tab.locator(`nav [data-room="${room}"]`).click();
    await expect(message(tab, 'between us')).toBeVisible();
    await expect(tab.locator('#composer')).toHaveValue('half a thought');
  }
});
