import { expect } from '@playwright/test';
import { arrive, makeDirect, makeRoom, message, open, post, unique } from './people';
import { png } from './picture';
import { test } from './test';

test('a new name and photo show at once in open pages of others and of oneself', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const direct = await makeDirect(mika, tomas);
  const group = await makeRoom(tomas, 'group', 'Faces', [mika]);
  await post(mika, group, 'look at me');
  await open(tomas, group);
  await tomas.page.getByRole('button', { name: 'About this room' }).click();
  const panel = tomas.page.getByRole('complementary');
  await expect(panel).toContainText('Mika');
  const own = await mika.page.context().newPage();
  await own.goto(`/rooms/${direct}`);
  await expect(own.locator('.side-foot')).toContainText('Mika');

  const username = unique('mika');
  const named = await mika.api.patch('/api/me', { data: { displayName: '新井 美香', username } });
  expect(named.ok()).toBe(true);
  await expect(message(tomas.page, 'look at me').locator('.by')).toContainText('新井 美香');
  await expect(tomas.page.locator(`nav [data-room="${direct}"]`)).toContainText('新井 美香');
  await expect(panel).toContainText('新井 美香');
  await expect(own.locator('.side-foot')).toContainText('新井 美香');

  const photo = await mika.api.put('/api/me/photo', { headers: { 'content-type': 'image/png' }, data: png(64, 64) });
  expect(photo.ok(), await photo.text()).toBe(true);
  await expect(message(tomas.page, 'look at me').locator('.av img')).toBeVisible();
  await expect(tomas.page.locator(`nav [data-room="${direct}"] img`)).toBeVisible();
  await expect(panel.locator('.person', { hasText: '新井 美香' }).locator('img')).toBeVisible();
  await expect(own.locator('.side-foot img')).toBeVisible();
  expect((await mika.api.delete('/api/me/photo')).ok()).toBe(true);
  await expect(tomas.page.locator('.av img')).toHaveCount(0);
});
