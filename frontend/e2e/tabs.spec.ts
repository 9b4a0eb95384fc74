// covers: F26 F24
import { expect } from '@playwright/test';
import { arrive, makeDirect, makeRoom, message, online, open, post, say } from './people';
import { test } from './test';

test('two tabs of one person agree on what is read, drafted and sent', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const other = await makeRoom(tomas, 'group', 'Elsewhere', [mika]);
  const second = await mika.page.context().newPage();
  await second.goto(`/rooms/${other}`);
  await online(second);
  for (let n = 0; n < 3; n += 1) await post(tomas, room, `for both ${n}`);
  const inSecond = second.locator(`nav [data-room="${room}"]`);
  await expect(inSecond).toHaveAttribute('aria-label', 'Tomas, 3 unread, 3 mentions');
  await expect(second).toHaveTitle(/^\(3\)/);

  await mika.page.bringToFront();
  await open(mika, room);
  await expect(message(mika.page, 'for both 2')).toBeInViewport();
  await expect(inSecond).toHaveAttribute('aria-label', 'Tomas');
  await expect(second).not.toHaveTitle(/^\(/);

  await mika.page.locator('#composer').fill('begun in the first');
  await expect(inSecond).toContainText('Draft');
  await inSecond.click();
  const composer = second.locator('#composer');
  await expect(composer).toHaveValue('begun in the first');
  await composer.pressSequentially(', ended in the second');
  await expect(mika.page.locator('#composer')).toHaveValue('begun in the first, ended in the second');
  await composer.press('Enter');
  await expect(message(mika.page, 'ended in the second').locator('.state')).toContainText('Sent');
  await expect(mika.page.locator('#composer')).toHaveValue('');
  await expect(message(second, 'ended in the second')).toHaveCount(1);

  // Both hold what was written without a connection; it is sent once.
  await mika.page.context().setOffline(true);
  await say(mika.page, 'from the tunnel');
  await expect(message(mika.page, 'from the tunnel').locator('.state')).toContainText('Waiting');
  await mika.page.context().setOffline(false);
  await expect(message(mika.page, 'from the tunnel').locator('.state')).toContainText('Sent', { timeout: 15_000 });
  await expect(message(second, 'from the tunnel')).toHaveCount(1);
  await open(tomas, room);
  await expect(message(tomas.page, 'from the tunnel')).toHaveCount(1);
});
