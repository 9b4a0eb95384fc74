import { type Browser, type BrowserContextOptions, expect, type Page } from '@playwright/test';
import { arrive, type Guest, makeDirect, makeRoom, message, online, open } from './people';
import { test } from './test';

const item = (page: Page, room: string) => page.locator(`nav [data-room="${room}"]`);
const composer = (page: Page) => page.locator('#composer');

/** Another device of somebody: it shares nothing with the first but the session. */
async function device(browser: Browser, guest: Guest, options: BrowserContextOptions = {}): Promise<Page> {
  const { cookies } = await guest.page.context().storageState();
  const context = await browser.newContext({ locale: 'en-GB', storageState: { cookies, origins: [] }, ...options });
  return context.newPage();
}

test('what is begun on one device is ended on another, and gone on both when it is sent', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const other = await makeRoom(mika, 'group', 'Elsewhere', [tomas]);
  const { page: desk } = mika;
  const phone = await device(browser, mika, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.goto('/');
  await open(mika, room);
  await composer(desk).fill('begun at the desk');
  await item(desk, other).click();
  await expect(item(desk, room)).toContainText('Draft');
  await expect(item(phone, room)).toContainText('Draft: begun at the desk');
  await item(phone, room).tap();
  await expect(composer(phone)).toHaveValue('begun at the desk');
  await composer(phone).fill('begun at the desk, ended on the way');

  await item(desk, room).click();
  await expect(composer(desk)).toHaveValue('begun at the desk, ended on the way');
  await phone.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(message(desk, 'ended on the way')).toBeVisible();
  for (const page of [desk, phone]) {
    await expect(composer(page)).toHaveValue('');
    await page.reload();
    await online(page);
    await expect(message(page, 'ended on the way')).toBeVisible();
    await expect(composer(page)).toHaveValue('');
  }
  const rooms = (await (await mika.api.get('/api/rooms')).json()) as { draft?: unknown }[];
  expect(rooms.filter((one) => one.draft)).toEqual([]);
});

test('what is being written here is not overwritten, and is sent when it can be', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const { page: desk } = mika;
  let held = true;
  let received = 0;
  await desk.routeWebSocket(/socket\.io/, (ws) => {
    const server = ws.connectToServer();
    ws.onMessage((frame) => {
      if (!held || !String(frame).includes('["draft"')) server.send(frame);
    });
    server.onMessage((frame) => {
      if (String(frame).includes('"draftChanged"')) received += 1;
      ws.send(frame);
    });
  });
  await open(mika, room);
  const second = await device(browser, mika);
  await second.goto(`/rooms/${room}`);
  await online(second);
  await composer(desk).pressSequentially('at the desk');
  await composer(second).fill('elsewhere');
  await expect.poll(() => received).toBeGreaterThan(0);
  await composer(desk).pressSequentially(', and on');
  await expect(composer(desk)).toHaveValue('at the desk, and on');
  await expect(composer(second)).toHaveValue('elsewhere');
  held = false;
  await composer(desk).press('!');
  await expect(composer(second)).toHaveValue('at the desk, and on!');
  // Now nothing is unsent at the desk, which has the focus: it shows what is newer.
  await composer(second).fill('the last word');
  await expect(composer(desk)).toHaveValue('the last word');
});

test('what is written without a connection is there for the other device afterwards, also after a reload', async ({
  browser,
}) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const { page: desk } = mika;
  const second = await device(browser, mika);
  await second.goto('/');
  await online(second);
  let cut = false;
  await desk.routeWebSocket(/socket\.io/, (ws) => {
    if (cut) void ws.close();
    else ws.connectToServer();
  });
  await open(mika, room);
  await composer(desk).fill('before the tunnel');
  await expect(item(second, room)).toContainText('Draft');
  cut = true;
  await desk.reload();
  await expect(desk.locator('.banner')).toContainText('No connection', { timeout: 10_000 });
  await expect(composer(desk)).toHaveValue('before the tunnel');
  await composer(desk).fill('in the tunnel');
  await item(second, room).click();
  await expect(composer(second)).toHaveValue('before the tunnel');
  await desk.reload();
  await expect(composer(desk)).toHaveValue('in the tunnel');
  cut = false;
  await online(desk);
  await expect(composer(second)).toHaveValue('in the tunnel', { timeout: 20_000 });
  await expect(composer(desk)).toHaveValue('in the tunnel');
});
