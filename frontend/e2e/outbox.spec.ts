import { expect } from '@playwright/test';
import { arrive, makeDirect, message, online, open, post, say } from './people';
import { test } from './test';

test('what is unsent survives a reload and goes out once, in order', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await open(mika, room);
  await say(mika.page, 'before');
  await expect(message(mika.page, 'before').locator('.state')).toContainText('Sent');

  let cut = true;
  await mika.page.routeWebSocket(/socket\.io/, (ws) => {
    if (cut) void ws.close();
    else ws.connectToServer();
  });
  await mika.page.reload();
  await expect(mika.page.locator('.banner')).toContainText('No connection', { timeout: 10_000 });
  for (const text of ['one', 'two', 'three']) await say(mika.page, `number ${text}`);
  await expect(message(mika.page, 'number two').locator('.state')).toContainText('Waiting');
  await expect(mika.page.locator('.waterline')).toContainText('Not on the server yet.');
  await expect(mika.page.locator('.banner')).toContainText('3 messages wait');

  await mika.page.reload();
  await expect(message(mika.page, 'number three')).toBeVisible();

  cut = false;
  await open(tomas, room);
  await expect(mika.page.locator('.waterline')).toHaveCount(0, { timeout: 25_000 });
  await expect(message(tomas.page, 'number').locator('.txt')).toHaveText(['number one', 'number two', 'number three']);
  await expect(message(mika.page, 'number').locator('.txt')).toHaveText(['number one', 'number two', 'number three']);
});

test('offline is said, writing goes on, and coming back fetches what was missed', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await post(tomas, room, 'hello');
  await open(mika, room);
  await expect(message(mika.page, 'hello')).toBeVisible();

  await mika.page.context().setOffline(true);
  await expect(mika.page.locator('.banner')).toContainText('You are offline.');
  await say(mika.page, 'written in the tunnel');
  await expect(message(mika.page, 'tunnel').locator('.state')).toContainText('Waiting');
  await expect(message(mika.page, 'tunnel')).toBeInViewport({ ratio: 0.99 });
  await post({ ...tomas }, room, 'are you there?');

  await mika.page.context().setOffline(false);
  await expect(mika.page.locator('.banner')).toContainText('Back online.', { timeout: 15_000 });
  await expect(message(mika.page, 'tunnel').locator('.state')).not.toContainText('Waiting');
  await expect(message(mika.page, 'are you there?')).toBeVisible();
  await online(mika.page);
  await expect(message(mika.page, 'tunnel')).toHaveCount(1);
});

test('a draft is kept for its room', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await open(mika, room);
  await mika.page.locator('#composer').fill('half a thought');
  await mika.page.getByRole('link', { name: 'Public rooms' }).click();
  await expect(mika.page.locator(`[data-room="${room}"]`)).toContainText('Draft');
  await mika.page.goto(`/rooms/${room}`);
  await expect(mika.page.locator('#composer')).toHaveValue('half a thought');
});

test('an own message is on screen within a frame', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await open(mika, room);
  await say(mika.page, 'warm');
  await expect(message(mika.page, 'warm').locator('.state')).toContainText('Sent');
  await mika.page.locator('#composer').fill('at once');
  const frames = await mika.page.evaluate(async () => {
    const shown = () =>
      [...document.querySelectorAll('article.msg')].some((row) => row.textContent?.includes('at once'));
    const field = document.querySelector('#composer');
    field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    for (let frame = 0; frame < 30; frame += 1) {
      if (shown()) return frame;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return -1;
  });
  expect(frames).toBeGreaterThanOrEqual(0);
  expect(frames).toBeLessThanOrEqual(1);
});
