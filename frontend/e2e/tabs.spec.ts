import { expect, type Page } from '@playwright/test';
import { arrive, makeDirect, makeRoom, message, online, open, type Person, post, say } from './people';
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
  await expect(mika.page.locator('.banner')).toContainText('You are offline.');
  await say(mika.page, 'from the tunnel');
  await expect(message(mika.page, 'from the tunnel').locator('.state')).toContainText('Waiting');
  await mika.page.context().setOffline(false);
  await expect(message(mika.page, 'from the tunnel').locator('.state')).toContainText('Sent', { timeout: 15_000 });
  await expect(message(second, 'from the tunnel')).toHaveCount(1);
  await open(tomas, room);
  await expect(message(tomas.page, 'from the tunnel')).toHaveCount(1);
});

async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel('Username or email').fill(person.username);
  await page.getByLabel('Password', { exact: true }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('two people at one browser: the one who signed in last is there in all tabs, and what is unsent stays with its writer', async ({
  browser,
}) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeRoom(mika, 'group', 'Between us', [tomas]);
  const own = await makeRoom(mika, 'private', 'Mika alone', []);
  const context = await browser.newContext({ locale: 'en-GB' });
  const [first, second] = [await context.newPage(), await context.newPage()];
  let cut = true;
  await first.routeWebSocket(/socket\.io/, (ws) => {
    if (cut) void ws.close();
    else ws.connectToServer();
  });
  for (const page of [first, second]) await page.goto('/');
  await signIn(first, mika);
  await first.locator(`nav [data-room="${room}"]`).click();
  await say(first, 'from Mika');
  await expect(message(first, 'from Mika').locator('.state')).toContainText('Waiting');

  // The other tab is signed in, too; then another user signs in without a notification to any tab.
  await second.bringToFront();
  await expect(second.locator('.side-foot .who')).toHaveText('Mika');
  const data = { login: tomas.username, password: tomas.password };
  expect((await context.request.post('/api/auth/sign-in', { data })).ok()).toBe(true);
  await second.reload();
  await expect(second.locator('.side-foot .who')).toHaveText('Tomas');
  await expect(first.locator('.side-foot .who')).toHaveText('Tomas');
  await expect(first.locator(`nav [data-room="${own}"]`)).toHaveCount(0);
  cut = false;
  await first.bringToFront();
  await first.locator(`nav [data-room="${room}"]`).click();
  await online(first);
  await expect(first.locator('#composer')).toBeVisible();
  await say(first, 'from Tomas');
  await expect(message(first, 'from Tomas').locator('.state')).toContainText('Sent');
  await expect(message(first, 'from Mika')).toHaveCount(0);

  await first.getByRole('link', { name: 'Settings' }).click();
  await first.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(second.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await signIn(first, mika);
  await first.locator(`nav [data-room="${room}"]`).click();
  await expect(message(first, 'from Mika').locator('.state')).toContainText('Sent');
  const { messages } = await (await tomas.api.get(`/api/rooms/${room}/messages`)).json();
  const said = messages.filter((m: { system?: unknown }) => !m.system);
  expect(said.map((m: { senderId: string; content: string }) => [m.senderId, m.content])).toEqual([
    [tomas.id, 'from Tomas'],
    [mika.id, 'from Mika'],
  ]);
});
