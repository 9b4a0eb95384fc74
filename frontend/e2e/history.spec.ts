import { expect, type Page } from '@playwright/test';
import { arrive, makeRoom, message, open, post } from './people';
import { test } from './test';

const COUNT = 180;

async function scrollTo(page: Page, to: 'top' | 'end'): Promise<void> {
  await page.locator('.tl-list').evaluate((el, where) => {
    el.scrollTop = where === 'top' ? 0 : el.scrollHeight;
  }, to);
}

test('a long room is read upwards without jumping; quotes and pills lead through it', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeRoom(tomas, 'group', 'Long', [mika]);
  const first = await post(tomas, room, 'line 0, the very first');
  for (let i = 1; i < COUNT; i += 1) await post(tomas, room, `line ${i}${i % 7 === 0 ? '\n\nwith\n\nmore' : ''}`);
  await post(tomas, room, 'back to the start', { replyTo: first });

  await open(mika, room);
  await expect(message(mika.page, 'back to the start')).toBeInViewport();
  await expect(mika.page.getByRole('button', { name: `Jump to ${COUNT + 1} unread` })).toBeVisible();

  // The row that is watched stays where it is while older ones come in above it.
  await mika.page.locator('.tl-list').hover();
  await mika.page.mouse.wheel(0, -900);
  const watched = mika.page.locator('article.msg').nth(4);
  const text = (await watched.locator('.txt').textContent()) ?? '';
  const row = mika.page
    .locator('article.msg', { has: mika.page.getByText(text.split('\n')[0] ?? '', { exact: true }) })
    .first();
  await mika.page.waitForTimeout(600);
  const before = (await row.boundingBox())?.y ?? 0;
  await mika.page.waitForTimeout(600);
  expect(Math.abs(((await row.boundingBox())?.y ?? 0) - before)).toBeLessThanOrEqual(1);

  await expect(async () => {
    await scrollTo(mika.page, 'top');
    await expect(message(mika.page, 'the very first').first()).toBeInViewport({ timeout: 300 });
  }).toPass({ timeout: 20_000 });
  await mika.page.getByRole('button', { name: /To the newest|new$/ }).click();
  await expect(message(mika.page, 'back to the start')).toBeInViewport();

  // Whoever jumps while another page is still on its way gets there too: here from the device's copy.
  let arrives = () => {};
  const away = new Promise<void>((resolve) => {
    arrives = resolve;
  });
  await mika.page.route(/\/messages(\?limit=\d+)?$/, (route) => away.then(() => route.continue()));
  const asked = mika.page.waitForRequest(/\/messages(\?limit=\d+)?$/);
  await mika.page.reload();
  await asked;
  await message(mika.page, 'back to the start').locator('.quote').click();
  arrives();
  const source = mika.page.locator('article.msg.lit', { hasText: 'the very first' });
  await expect(source).toBeInViewport();
  await scrollTo(mika.page, 'end');
  await expect(async () => {
    await scrollTo(mika.page, 'end');
    await expect(message(mika.page, 'back to the start')).toBeInViewport({ timeout: 300 });
  }).toPass({ timeout: 20_000 });
  // Only now: the jump may take the row away before it has its text.
  await expect(message(mika.page, 'back to the start').locator('.quote')).toContainText('the very first');
});

test('new ones while away: a line, a pill, and then read', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeRoom(tomas, 'group', 'Away', [mika]);
  await post(tomas, room, 'seen before');
  await open(mika, room);
  await expect(message(mika.page, 'seen before')).toBeVisible();
  await mika.page.getByRole('link', { name: 'Public rooms' }).click();
  for (let i = 0; i < 30; i += 1) await post(tomas, room, `missed ${i}`);
  const link = mika.page.locator(`[data-room="${room}"]`);
  await expect(link).toHaveAttribute('aria-label', 'Away, 30 unread');
  await expect(mika.page).toHaveTitle(/^\(30\)/);
  await link.click();
  await expect(message(mika.page, 'missed 29')).toBeInViewport();
  await mika.page.getByRole('button', { name: 'Jump to 30 unread' }).click();
  await expect(mika.page.locator('.newline')).toContainText('New since');
  await expect(mika.page.locator('.newline')).toBeInViewport();
  await expect(link).toHaveAttribute('aria-label', 'Away');
});
