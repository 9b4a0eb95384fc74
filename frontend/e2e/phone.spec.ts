import { expect } from '@playwright/test';
import { arrive, makeRoom, message, post, say } from './people';
import { test } from './test';

test('a phone shows list, conversation and panel as pages with history', async ({ browser }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika', phone), arrive(browser, 'Tomas')]);
  const room = await makeRoom(tomas, 'group', 'Firmware', [mika]);
  await post(tomas, room, 'rc3 is on the buoys');
  const { page } = mika;
  await page.goto('/');
  const item = page.locator(`[data-room="${room}"]`);
  await expect(item).toContainText('Tomas: rc3 is on the buoys');
  await item.tap();
  await expect(message(page, 'rc3 is on')).toBeVisible();
  await say(page, 'Good');
  await expect(message(page, 'Good').locator('.state')).toContainText('Sent');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByRole('button', { name: 'About this room' }).tap();
  await expect(page.getByRole('complementary')).toContainText('2 people');
  await page.getByRole('button', { name: 'Close' }).tap();
  await page.getByRole('button', { name: 'Back' }).tap();
  await expect(item).toContainText('You: Good');
  for (const button of await page.locator('header button, header a').all()) {
    const box = await button.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
  }
});

test('at 320 px nothing is cut', async ({ browser }) => {
  const mika = await arrive(browser, 'Mika', { viewport: { width: 320, height: 640 } });
  for (const path of ['/', '/browse', '/settings', '/mentions']) {
    await mika.page.goto(path);
    await expect(mika.page.locator('h1').first()).toBeVisible();
    expect(await mika.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  }
});
