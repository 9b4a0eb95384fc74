import { expect, type Page } from '@playwright/test';
import { arrive, makeDirect, makeRoom, message, open, post, say } from './people';
import { picture } from './picture';
import { test } from './test';

const ENDLESS = '>'.repeat(4000);
const WORD = 'Donaudampfschifffahrtsgesellschaftskapitaen';

/** What one reads or touches ends where the screen does; the document may be no wider than that either. */
async function fits(page: Page, width: number, where: string): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(width);
  const cut = await page
    .locator('button:visible, input:visible, textarea:visible, article.msg:visible, h1:visible')
    .evaluateAll((all, max) => {
      const beyond = (el: Element) => el.getBoundingClientRect().right > max + 1;
      // What scrolls inside of something narrower is reached there.
      const inner = (el: Element) => el.closest('.txt') !== null;
      return all.filter((el) => beyond(el) && !inner(el)).map((el) => el.outerHTML.slice(0, 120));
    }, width);
  expect(cut, `${where} at ${width}`).toEqual([]);
}

test('whatever somebody writes, the page stands and nothing is wider than it', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'שלום עולם')]);
  await mika.api.patch('/api/me', { data: { displayName: 'W'.repeat(64) } });
  const room = await makeRoom(mika, 'group', 'N'.repeat(80), [tomas]);
  await post(tomas, room, `${ENDLESS} deep`);
  await post(tomas, room, `\`\`\`\n${'long_name_'.repeat(60)}\n\`\`\``);
  await post(tomas, room, `| a |\n|---|\n| ${WORD.repeat(4)} |`);
  await post(tomas, room, `${WORD.repeat(20)} end`);
  await post(tomas, room, 'שלום, world!\n\nEnglish again.\n\n- פריט');
  const { page } = mika;
  const landing = await browser.newPage();
  for (const [width, height] of [
    [1280, 800],
    [640, 400],
    [390, 844],
    [320, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    await open(mika, room);
    await expect(message(page, 'English again.')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const list = page.getByRole('log');
    expect(await list.evaluate((el) => el.scrollWidth - el.clientWidth)).toBeLessThanOrEqual(0);
    await fits(page, width, 'a conversation');
    for (const path of ['/', '/browse', '/settings', '/mentions']) {
      await page.goto(path);
      await expect(page.locator('h1').first()).toBeVisible();
      await fits(page, width, path);
    }
    await landing.setViewportSize({ width, height });
    await landing.goto('/');
    await expect(landing.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await fits(landing, width, 'the landing page');
  }
  await open(mika, room);
  const run = (text: string) =>
    page.locator('.txt > *', { hasText: text }).evaluate((el) => getComputedStyle(el).direction);
  expect([await run('world'), await run('again'), await run('פריט')]).toEqual(['rtl', 'ltr', 'rtl']);
  await page.goto('/');
  const preview = page.locator(`[data-room="${room}"]`);
  expect((await preview.boundingBox())?.width).toBeLessThanOrEqual(320);
  await post(mika, room, WORD.repeat(40));
  const said = preview.locator('.ps .trunc');
  await expect(said).toContainText('You: ');
  expect((await said.boundingBox())?.width).toBeLessThan(260);
});

test('an edit that is not stored comes back to be tried again', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const { page } = mika;
  const composer = page.locator('#composer');
  await open(mika, room);
  await say(page, 'at the west pier');
  await expect(message(page, 'at the west pier').locator('.state')).toContainText('Sent');
  await composer.press('ArrowUp');
  await composer.fill('at the east pier');
  await page.context().setOffline(true);
  await expect(page.locator('.banner')).toContainText('You are offline');
  await composer.press('Enter');
  await expect(page.locator('.toast')).toContainText('The message was not changed.');
  await expect(message(page, 'at the west pier')).toBeVisible();
  await expect(composer).toHaveValue('at the east pier');
  await page.context().setOffline(false);
  await expect(page.locator('.side-foot .conn')).toHaveText('Online', { timeout: 30_000 });
  await composer.press('Enter');
  await expect(message(page, 'at the east pier')).toContainText('(edited)');
  await expect(composer).toHaveValue('');
});

test('an edit before the connection is there waits for it', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const { page } = mika;
  await open(mika, room);
  await say(page, 'at the west pier');
  await expect(message(page, 'at the west pier').locator('.state')).toContainText('Sent');
  let letIn: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  await page.routeWebSocket(/socket\.io/, (ws) => void gate.then(() => ws.connectToServer()));
  await page.reload();
  await expect(message(page, 'at the west pier')).toBeVisible();
  await page.locator('#composer').press('ArrowUp');
  await page.locator('#composer').fill('at the east pier');
  await page.locator('#composer').press('Enter');
  await expect(message(page, 'at the east pier')).toBeVisible();
  await expect(page.locator('.toast')).toHaveCount(0);
  letIn();
  await expect(message(page, 'at the east pier')).toContainText('(edited)');
  await expect(page.locator('.toast')).toHaveCount(0);
});

test('keys that are typed before the switcher is there go into it, not into the message', async ({ browser }) => {
  const mika = await arrive(browser, 'Mika', { serviceWorkers: 'block' });
  const room = await makeRoom(mika, 'private', 'Firmware', []);
  const { page } = mika;
  await open(mika, room);
  await page.getByRole('button', { name: 'Emoji' }).click();
  await expect(page.getByLabel('Find an emoji')).toBeFocused();
  await page.keyboard.type('anchor');
  await page.keyboard.press('Enter');
  await expect(page.locator('#composer')).toHaveValue('⚓');
  await page.locator('#composer').fill('');
  for (let n = 0; n < 14; n += 1) await makeRoom(mika, 'private', `Quay ${n}`, []);
  await page.route('**/assets/Switcher-*.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await route.continue();
  });
  await open(mika, room);
  await expect(page.locator('#composer')).toBeFocused();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('quay');
  await page.keyboard.press('Enter');
  const field = page.getByRole('dialog').getByRole('combobox');
  await expect(field).toHaveValue('quay');
  await expect(page.locator('#composer')).toHaveValue('');
  await page.keyboard.press('Tab');
  for (let n = 0; n < 11; n += 1) await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { selected: true })).toBeInViewport({ ratio: 1 });
});

test('what is no picture is said at once, wherever it comes from', async ({ browser }) => {
  const mika = await arrive(browser, 'Mika');
  const room = await makeRoom(mika, 'private', 'Pictures', []);
  const { page } = mika;
  await open(mika, room);
  const toast = page.locator('.toast').last();
  await page.getByTestId('attach').setInputFiles({ ...picture('fake.png', 1, 1), buffer: Buffer.from('a text') });
  await expect(toast).toContainText('Not a JPEG, PNG, GIF or WebP picture.');
  await expect(page.locator('.comp-att')).toHaveCount(0);
  const drop = (target: string) =>
    page.locator(target).evaluate((el) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['a text'], 'notes.txt', { type: 'text/plain' }));
      const event = (name: string) => new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true });
      el.dispatchEvent(event('dragover'));
      return !el.dispatchEvent(event('drop'));
    });
  expect(await drop('nav.side')).toBe(true);
  await expect(page.locator('.toast')).toHaveCount(1);
  expect(await drop('main')).toBe(true);
  await expect(page.locator('.toast')).toHaveCount(2);
});

test('back closes what lies above the page; a keyboard that slides in does not', async ({ browser }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika', phone), arrive(browser, 'Tomas')]);
  const room = await makeRoom(tomas, 'group', 'Firmware', [mika]);
  await post(tomas, room, 'rc3 is on the buoys');
  const { page } = mika;
  await page.goto('/');
  await page.locator(`[data-room="${room}"]`).tap();
  await expect(page.locator('#composer')).not.toBeFocused();
  await page.getByRole('button', { name: 'About this room' }).tap();
  await expect(page.getByRole('complementary')).toContainText('2 people');
  await page.goBack();
  await expect(message(page, 'rc3 is on')).toBeVisible();
  await expect(page.getByRole('complementary')).toHaveCount(0);
  await page.getByRole('button', { name: 'Emoji' }).tap();
  await expect(page.locator('.emoji')).toBeFocused();
  await page.getByLabel('Find an emoji').tap();
  await page.setViewportSize({ width: 390, height: 480 });
  await expect(page.getByLabel('Find an emoji')).toBeInViewport({ ratio: 1 });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.keyboard.press('Escape');
  await page.goBack();
  await page.getByRole('button', { name: 'New conversation' }).tap();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.goForward();
  await expect(message(page, 'rc3 is on')).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('an address cut in two is a room that is not there; a part that does not load says so', async ({ browser }) => {
  const { page } = await arrive(browser, 'Mika', { serviceWorkers: 'block' });
  await page.goto('/rooms/%E0%A4%A');
  await expect(page.getByText('This room is not here')).toBeVisible();
  await page.route('**/assets/Settings-*.js', (route) => route.abort());
  await page.goto('/settings');
  await expect(page.getByRole('alert')).toContainText('A part of the page did not load');
  await page.unroute('**/assets/Settings-*.js');
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(page.getByRole('heading', { name: 'Profile' })).toBeVisible();
});
