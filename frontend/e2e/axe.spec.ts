import AxeBuilder from '@axe-core/playwright';
import { type Browser, expect, type Page } from '@playwright/test';
import { arrive, type Guest, makeDirect, makeRoom, message, open, post, say } from './people';
import { picture } from './picture';
import { test } from './test';

async function clean(page: Page, what: string): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(found, what).toEqual([]);
}

const TOO_LARGE = { code: 'tooLarge', status: 413, title: 'Too large', detail: 'The file is too large.' };

/** Before anybody is signed in. */
async function landing(browser: Browser, colorScheme: 'light' | 'dark'): Promise<void> {
  const visitor = await (await browser.newContext({ colorScheme, reducedMotion: 'reduce' })).newPage();
  await visitor.goto('/');
  await expect(visitor.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await clean(visitor, 'landing');
  await visitor.goto('/sign-up');
  await visitor.getByRole('button', { name: 'Create an account' }).click();
  await expect(visitor.getByRole('alert').first()).toBeVisible();
  await clean(visitor, 'sign-up with errors');
}

/** Views in which there is nothing yet. */
async function emptyViews(mika: Guest, tomas: Guest, name: string): Promise<void> {
  const { page } = mika;
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Who do you want to talk to?' })).toBeVisible();
  await clean(page, 'first run');
  for (const [path, title] of [
    ['/mentions', 'Nothing waits for you'],
    ['/rooms/0000000000000', 'This room is not here'],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: title })).toBeVisible();
    await clean(page, title);
  }
  await makeRoom(tomas, 'public', name, []);
  await page.goto('/browse');
  await page.getByLabel('Find by name or topic').fill('nothing is called like this');
  await expect(page.getByRole('heading', { name: 'No room has these words' })).toBeVisible();
  await clean(page, 'no such room');
  await open(mika, await makeDirect(mika, tomas));
  await expect(page.getByRole('heading', { name: 'No messages yet' })).toBeVisible();
  await clean(page, 'empty conversation');
}

/** A room with what messages may hold. */
async function fullRoom(mika: Guest, tomas: Guest): Promise<string> {
  const room = await makeRoom(mika, 'group', 'Firmware', [tomas]);
  const id = await post(
    tomas,
    room,
    `Morning @${mika.username}, see **this** [page](https://example.org)\n\n\`\`\`\ncode\n\`\`\``,
  );
  await tomas.api.put(`/api/messages/${id}/reactions/${encodeURIComponent('👍')}`);
  await post(mika, room, '了解です', { replyTo: id });
  const gone = await post(tomas, room, 'to be deleted');
  await tomas.api.delete(`/api/messages/${gone}`);
  return room;
}

async function conversation(mika: Guest, room: string): Promise<void> {
  const { page } = mika;
  await open(mika, room);
  await expect(message(page, 'was deleted')).toBeVisible();
  await expect(message(page, 'Morning').locator('pre')).toHaveText('code');
  await page.getByRole('button', { name: 'About this room' }).click();
  await expect(page.getByRole('complementary')).toContainText('2 people');
  await clean(page, 'room with panel');
  await message(page, 'Morning').first().hover();
  await message(page, 'Morning').first().getByRole('button', { name: 'React', exact: true }).click();
  await expect(page.getByLabel('Find an emoji')).toBeVisible();
  await clean(page, 'emoji picker');
  await page.keyboard.press('Escape');
  const mine = message(page, '了解です').first();
  await mine.hover();
  await mine.getByRole('button', { name: 'More' }).click();
  await expect(page.getByRole('menu')).toBeVisible();
  await clean(page, 'message menu');
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await clean(page, 'question before a delete');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Change name and topic' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await clean(page, 'name and topic');
  await page.keyboard.press('Escape');
}

async function pictures(page: Page): Promise<void> {
  await page.getByTestId('attach').setInputFiles(picture('chart.png', 400, 300));
  await expect(page.locator('.comp-prog.done')).toBeAttached();
  await clean(page, 'composer with a picture');
  await say(page, 'the chart');
  await message(page, 'the chart').locator('.att button').click();
  await expect(page.locator('.large img')).toBeVisible();
  await clean(page, 'large picture');
  await page.keyboard.press('Escape');
  await page.route('**/api/uploads', (route) => route.fulfill({ status: 413, json: TOO_LARGE }));
  await page.getByTestId('attach').setInputFiles(picture('refused.png', 40, 30));
  await say(page, 'the refused one');
  await expect(page.locator('.fail')).toBeVisible();
  await clean(page, 'failed message');
  await message(page, 'the refused one').getByRole('button', { name: 'Delete' }).click();
}

async function overlaysAndPages(page: Page, username: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option').first()).toBeVisible();
  await clean(page, 'quick switcher');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByRole('dialog').getByRole('combobox').fill(username);
  await expect(page.getByRole('option').first()).toBeVisible();
  await clean(page, 'new group');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  for (const path of ['/browse', '/mentions', '/settings']) {
    await page.goto(path);
    await expect(page.locator('h1')).toBeVisible();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    await clean(page, path);
  }
}

async function offlineAndPhone(mika: Guest, room: string): Promise<void> {
  const { page } = mika;
  await open(mika, room);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await clean(page, 'keys');
  await page.keyboard.press('Escape');
  await page.context().setOffline(true);
  await expect(page.locator('.banner')).toContainText('You are offline.');
  await page.locator('#composer').fill('waits');
  await page.locator('#composer').press('Enter');
  await expect(page.locator('.waterline')).toBeVisible();
  await clean(page, 'offline with a waiting message');
  await page.context().setOffline(false);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/');
  await expect(page.locator(`[data-room="${room}"]`)).toBeVisible();
  await clean(page, 'phone list');
  await page.locator(`[data-room="${room}"]`).click();
  await expect(message(page, 'Morning').first()).toBeVisible();
  await clean(page, 'phone conversation');
  await page.context().setOffline(true);
  await page.goBack();
  await expect(page.locator('.plist')).toBeVisible();
  await expect(page.locator('.banner')).toContainText('You are offline.');
  await clean(page, 'phone list without a connection');
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no view has violations, ${colorScheme}`, async ({ browser }) => {
    await landing(browser, colorScheme);
    const options = { colorScheme, reducedMotion: 'reduce' as const };
    const [mika, tomas] = await Promise.all([arrive(browser, 'Mika', options), arrive(browser, 'Tomas')]);
    await emptyViews(mika, tomas, `There ${colorScheme} ${Date.now()}`);
    const room = await fullRoom(mika, tomas);
    await conversation(mika, room);
    await pictures(mika.page);
    await overlaysAndPages(mika.page, tomas.username);
    await offlineAndPhone(mika, room);
  });
}

test('chosen colours and language stay; a signed-in page in Japanese has no violations', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([
    arrive(browser, 'Mika', { reducedMotion: 'reduce' }),
    arrive(browser, '佐藤 花'),
  ]);
  const { page } = mika;
  const room = await makeDirect(mika, tomas);
  await post(tomas, room, '潮が引いたら、ブイの点検に出ます。');
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.getByRole('heading', { name: 'プロフィール' })).toBeVisible();
  await expect(page.locator('.sess').first()).toBeVisible();
  await clean(page, 'settings');
  await page.goto(`/rooms/${room}`);
  const html = page.locator('html');
  await expect(html).toHaveAttribute('lang', 'ja');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(19, 25, 22)');
  await expect(message(page, '潮が引いたら')).toBeVisible();
  await expect(page.getByPlaceholder('佐藤 花へのメッセージ')).toBeVisible();
  await clean(page, 'conversation');
  await page.getByRole('button', { name: '絵文字' }).click();
  await page.getByLabel('絵文字を検索').fill('heart');
  await expect(page.getByRole('option', { name: 'ハート' }).first()).toBeVisible();
  await clean(page, 'emoji picker');
});
