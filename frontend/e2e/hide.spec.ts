import { expect, type Page } from '@playwright/test';
import { arrive, type Guest, makeDirect, message, online, open, post, say } from './people';
import { test } from './test';

const item = (page: Page, room: string) => page.locator(`nav [data-room="${room}"]`);

async function pair(first: Guest, second: Guest): Promise<string> {
  const room = await makeDirect(first, second);
  await post(second, room, 'Until tomorrow');
  return room;
}

/** With the keyboard alone. */
async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name });
  await button.focus();
  await button.press('Enter');
}

test('a hidden conversation is gone in all windows, also after a reload, and comes back with a message', async ({
  browser,
}) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const { page } = mika;
  const room = await pair(mika, tomas);
  const second = await page.context().newPage();
  await second.goto('/');
  await expect(item(second, room)).toBeVisible();
  await expect(second).toHaveTitle(/^\(1\)/);
  await open(tomas, room);
  await open(mika, room);
  await press(page, 'About this person');
  await press(page, 'Hide conversation');
  await expect(page.getByRole('heading', { name: 'Who do you want to talk to?' })).toBeVisible();
  await expect(page.getByText('Your conversation with Tomas is hidden until the next message')).toBeVisible();
  for (const window of [page, second]) await expect(item(window, room)).toHaveCount(0);
  await expect(item(tomas.page, room)).toBeVisible();
  await page.reload();
  await online(page);
  await expect(page.locator('nav .sec-none')).toHaveCount(3);
  await expect(item(page, room)).toHaveCount(0);

  await say(tomas.page, 'Are you there?');
  for (const window of [page, second]) {
    await expect(item(window, room)).toHaveAttribute('aria-label', 'Tomas, 1 unread, 1 mention');
    await expect(window).toHaveTitle(/^\(1\)/);
  }
});

test('one finds it and reads it, and it is on the list again when one wants that', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas Lindqvist')]);
  const { page } = mika;
  const room = await pair(mika, tomas);
  await open(mika, room);
  await press(page, 'About this person');
  await press(page, 'Hide conversation');
  await expect(item(page, room)).toHaveCount(0);
  await press(page, 'Undo');
  await expect(item(page, room)).toHaveAttribute('aria-current', 'page');
  await expect(message(page, 'Until tomorrow')).toBeVisible();
  await press(page, 'Hide conversation');
  await expect(item(page, room)).toHaveCount(0);

  // What is unread there is in no total.
  const other = await pair(mika, await arrive(browser, 'Ines'));
  await expect(page).toHaveTitle(/^\(1\)/);
  await mika.api.put(`/api/rooms/${other}/hidden`);
  await expect(item(page, other)).toHaveCount(0);
  await expect(page).not.toHaveTitle(/^\(/);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').fill('lindq');
  await page.getByRole('option', { name: 'Tomas Lindqvist' }).waitFor();
  await page.keyboard.press('Enter');
  await expect(message(page, 'Until tomorrow')).toBeVisible();
  await expect(item(page, room)).toHaveCount(0);
  await press(page, 'Show in the list again');
  await expect(item(page, room)).toHaveAttribute('aria-current', 'page');
  await press(page, 'Hide conversation');
  await page.getByRole('combobox', { name: 'Username or email' }).fill(tomas.username);
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(item(page, room)).toHaveAttribute('aria-current', 'page');
});

test('on a phone', async ({ browser }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, locale: 'ja-JP' };
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika', phone), arrive(browser, 'Tomas')]);
  const { page } = mika;
  await mika.api.patch('/api/me', { data: { locale: 'ja' } });
  const room = await pair(mika, tomas);
  await open(mika, room);
  await page.getByRole('button', { name: 'この人について' }).tap();
  const hide = page.getByRole('button', { name: '会話を非表示' });
  expect((await hide.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await hide.tap();
  await expect(page.getByText('Tomasさんとの会話を次のメッセージまで非表示にしました')).toBeVisible();
  await expect(item(page, room)).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await post(tomas, room, 'Are you there?');
  await expect(item(page, room)).toContainText('Are you there?');
});
