import { expect } from '@playwright/test';
import { arrive, makeDirect, online } from './people';
import { test } from './test';

test('whether somebody is there: online, away, back, and last seen; not said without a connection', async ({
  browser,
}) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const { page } = mika;
  await page.goto(`/rooms/${room}`);
  const dot = page.locator(`nav [data-room="${room}"] .pd`);
  const head = page.locator('.head .topic');
  await expect(dot).toHaveClass(/off/);

  await tomas.page.clock.install();
  await tomas.page.goto('/');
  await online(tomas.page);
  await expect(dot).toHaveClass(/on/);
  await expect(head).toHaveText('Online');
  await tomas.page.clock.fastForward('06:00');
  await expect(dot).toHaveClass(/away/);
  await expect(head).toHaveText('Away');
  await tomas.page.mouse.click(5, 5);
  await tomas.page.clock.runFor(1000);
  await expect(head).toHaveText('Online');

  await tomas.page.close();
  await expect(dot).toHaveClass(/off/);
  await expect(head).toHaveText(/^Last seen/);
  await page.context().setOffline(true);
  await expect(page.locator('.banner')).toContainText('You are offline.');
  await expect(dot).toHaveCount(0);
});
