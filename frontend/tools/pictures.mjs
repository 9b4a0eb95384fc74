/**
 * Takes a picture of every view: light and dark, English and Japanese, desktop and phone.
 * `CHAT_TEST_URL` says where a server is; it should not limit sign-ups. The pictures go to `pictures/`.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';

const URL_OF = process.env.CHAT_TEST_URL ?? 'http://127.0.0.1:3000';
const ONLY = process.argv[2];
const LOOKS = [
  { name: 'light-en', colorScheme: 'light', locale: 'en-GB' },
  { name: 'dark-en', colorScheme: 'dark', locale: 'en-GB' },
  { name: 'light-ja', colorScheme: 'light', locale: 'ja-JP' },
  { name: 'dark-ja', colorScheme: 'dark', locale: 'ja-JP' },
].filter((look) => ONLY === undefined || look.name === ONLY);
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlung';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});

async function person(name, locale) {
  const context = await browser.newContext({ baseURL: URL_OF });
  const username = `${
    name
      .toLowerCase()
      .replace(/[^a-z]/g, '')
      .slice(0, 12) || 'guest'
  }-${randomBytes(3).toString('hex')}`;
  const email = `${username}@kitanami.example`;
  const data = { username, email, password: 'correct horse battery' };
  const { me } = await ok(context.request.post('/api/auth/sign-up', { data }));
  await ok(context.request.patch('/api/me', { data: { displayName: name, locale } }));
  return { id: me.id, username, api: context.request, state: await context.storageState() };
}

async function ok(answer) {
  const got = await answer;
  if (!got.ok()) throw new Error(`${got.url()}: ${await got.text()}`);
  return got.json().catch(() => null);
}

async function room(host, kind, name, members, topic) {
  const data = { kind, members: members.map((member) => member.username), ...(name ? { name } : {}) };
  const { room: made } = await ok(host.api.post('/api/rooms', { data }));
  if (topic) await ok(host.api.patch(`/api/rooms/${made.id}`, { data: { topic } }));
  return made.id;
}

async function post(who, roomId, content, more = {}) {
  const data = { clientId: crypto.randomUUID(), content, ...more };
  return (await ok(who.api.post(`/api/rooms/${roomId}/messages`, { data }))).id;
}

/** The place that the design's pictures show. */
async function scene(locale) {
  const lang = locale.slice(0, 2);
  const names = ['Mika Arai', 'Tomas Lindqvist', 'Ines Duarte', '森 健二', '佐藤 花', 'Oskar Wren', LONG.slice(0, 60)];
  const [mika, tomas, ines, mori, hana, oskar, long] = await Promise.all(names.map((name) => person(name, lang)));
  const tag = randomBytes(2).toString('hex');
  await room(mika, 'public', `general ${tag}`, [], 'Everything for everybody');
  await room(tomas, 'public', `deploys ${tag}`, [mika, ines], 'What goes out, when');
  await room(
    hana,
    'public',
    `大阪オフィス ${tag}`,
    [mika, mori],
    '大阪チームの連絡と雑談。来客の予定もここに書きます。',
  );
  await room(oskar, 'public', `${LONG.toLowerCase().slice(0, 60)} ${tag}`, [], LONG);
  await room(mika, 'private', `hiring ${tag}`, [ines]);
  const group = await room(
    tomas,
    'group',
    'Firmware 4.2',
    [mika, ines, mori, hana, oskar, long],
    'Release to the harbour and Noto buoys. Freeze on Friday.',
  );
  const empty = await room(mika, 'group', 'Board', [tomas]);
  const support = await room(ines, 'group', 'Noto field trip', [mika, tomas]);
  const direct = await room(mika, 'direct', undefined, [tomas]);
  await room(mika, 'direct', undefined, [long]);
  const withMori = await room(mori, 'direct', undefined, [mika]);
  const withHana = await room(mika, 'direct', undefined, [hana]);
  await talk(group, { mika, tomas, ines, mori, hana, oskar, long });
  for (let n = 0; n < 5; n += 1) await post(tomas, support, `Ferry ${n}`);
  await post(mori, withMori, '潮位の件、確認しました。');
  await post(hana, withHana, 'またあとで');
  await post(mika, direct, 'Is the crane booked for buoy 3?');
  await post(tomas, direct, 'Yes, 14:00 at the east pier.');
  return { mika, tomas, group, empty, direct, withHana, fresh: await person('Leila Haddad', lang) };
}

/** What is said in the group, with everything that a message may hold. */
async function talk(group, { mika, tomas, ines, mori, hana, oskar, long }) {
  const first = await post(
    tomas,
    group,
    'Morning. Build `4.2.0-rc3` has been on the three harbour buoys since midnight. The modem draws 31 mA instead of 38.',
  );
  for (const [emoji, people] of [
    ['👍', [mika, ines, mori, hana]],
    ['🎉', [ines, hana]],
  ])
    for (const who of people) await ok(who.api.put(`/api/messages/${first}/reactions/${encodeURIComponent(emoji)}`));
  const hope = await post(ines, group, 'More than I hoped for. Does it still get a position every ten minutes?');
  await post(
    tomas,
    group,
    'Yes, that is untouched. The saving comes from the modem, it now sleeps between uploads:\n\n```\nmodem.sleep_after = 45   # seconds, was 0\nupload.batch_size = 24\n```',
    { replyTo: hope },
  );
  const mine = await post(mika, group, 'Then I see no reason to wait for Thursday.');
  await ok(mika.api.patch(`/api/messages/${mine}`, { data: { content: 'Then I see no reason to wait for Friday.' } }));
  await post(mika, group, '森さん、能登の2台はいつでも大丈夫です。');
  const gone = await post(ines, group, 'wrong room');
  await ok(ines.api.delete(`/api/messages/${gone}`));
  await post(long, group, `${LONG}${LONG}${LONG} https://example.org/${LONG}/${LONG}?${LONG}`);
  await post(
    oskar,
    group,
    '> quoted\n\n1. one\n2. two\n\n- a list\n- [x] done\n\n| buoy | mA |\n|---|---|\n| harbour-03 | 31 |\n| noto-01 | 38 |',
  );
  const { room: now } = await ok(mika.api.get(`/api/rooms/${group}`));
  await ok(mika.api.put(`/api/rooms/${group}/read`, { data: { seq: now.head } }));
  for (const who of [tomas, mori, hana]) await ok(who.api.put(`/api/rooms/${group}/read`, { data: { seq: now.head } }));
  await post(mori, group, 'ありがとうございます。では14時に配信します。波が低いうちに済ませましょう。');
  await post(
    hana,
    group,
    `@${mika.username} one thing in the release notes: the magnet switch has to be held for 5 s, not 3. Can you change it before 14:00?`,
  );
}

async function visit(look, state, phone) {
  const size = phone ? { width: 390, height: 844 } : { width: 1440, height: 900 };
  const touch = phone ? { hasTouch: true, isMobile: true } : {};
  const { colorScheme, locale } = look;
  const context = await browser.newContext({
    baseURL: URL_OF,
    colorScheme,
    locale,
    viewport: size,
    storageState: state,
    ...touch,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  const shot = async (name) => {
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]')).catch(() => undefined);
    await page.waitForTimeout(450);
    await page.screenshot({ path: `pictures/${look.name}-${phone ? 'phone-' : ''}${name}.png` });
  };
  return { context, page, shot };
}

async function outside(look) {
  for (const phone of [false, true]) {
    const { context, page, shot } = await visit(look, undefined, phone);
    await page.goto('/');
    await shot('sign-in');
    await page.goto('/sign-up');
    await page.locator('form button[type="submit"]').click();
    await shot('sign-up-errors');
    await context.close();
  }
}

async function inside(look, { mika, group, empty, direct, withHana, fresh }) {
  const first = await visit(look, fresh.state, false);
  await first.page.goto('/');
  await first.shot('first-run');
  await first.context.close();
  const visited = await visit(look, mika.state, false);
  const room = async (id) => {
    await visited.page.goto(`/rooms/${id}`);
    await visited.page.locator('#composer').waitFor();
  };
  await room(withHana);
  await visited.page.locator('#composer').fill('書きかけ');
  await room(group);
  await conversation(visited);
  await dialogs(visited);
  await room(empty);
  await visited.shot('empty-room');
  await pages(visited);
  await room(direct);
  await offline(visited);
  await failed(visited);
  await widths(visited, group);
  await visited.context.close();
}

async function conversation({ page, shot }) {
  await page.locator('.head button').last().click();
  await shot('room');
  const row = page.locator('article.msg').nth(2);
  await row.hover();
  await shot('hover');
  await row.locator('.tools button').first().click();
  await shot('emoji');
  await page.keyboard.press('Escape');
  await row.hover();
  await row.locator('.tools button').nth(1).click();
  await page.locator('#composer').fill('A reply that is being written\nover two lines');
  await shot('replying');
  await page.keyboard.press('Escape');
  await page.locator('#composer').fill('');
  await page.locator('.head button').last().click();
  await page.keyboard.press('Control+k');
  await shot('switcher');
  await page.keyboard.type('o');
  await shot('switcher-found');
  await page.keyboard.press('Escape');
}

async function dialogs({ page, shot }) {
  for (const [n, name] of ['new-room', 'new-group', 'new-direct'].entries()) {
    await page.goto('/');
    await page
      .locator('nav .sec button')
      .nth(n)
      .click()
      .catch(() => undefined);
    await shot(name);
  }
}

async function pages({ page, shot }) {
  await page.goto('/rooms/0000000000000');
  await shot('gone');
  for (const path of ['browse', 'mentions', 'settings']) {
    await page.goto(`/${path}`);
    await shot(path);
  }
  await page.evaluate(() => document.querySelector('main [data-scroll], main .page, main')?.scrollTo(0, 9999));
  await shot('settings-end');
}

async function offline({ page, context, shot }) {
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await shot('keys');
  await page.keyboard.press('Escape');
  await context.setOffline(true);
  for (const text of ['Written in the tunnel.', 'And one more.']) {
    await page.locator('#composer').fill(text);
    await page.locator('#composer').press('Enter');
  }
  await page.waitForTimeout(1200);
  await shot('offline');
  await context.setOffline(false);
  await page.locator('.banner.ok').waitFor();
  await shot('back');
}

async function failed({ page, shot }) {
  await page.route('**/api/uploads', (route) => route.abort());
  const file = {
    name: 'buoy.svg.png',
    mimeType: 'image/png',
    buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 160 } }),
  };
  await page.getByTestId('attach').setInputFiles(file);
  await page.locator('.comp img').first().waitFor();
  await shot('attached');
  await page.locator('#composer').fill('With a picture');
  await page.locator('#composer').press('Enter');
  await page.locator('.fail').waitFor({ timeout: 30_000 });
  await page.routeWebSocket(/socket\.io/, (ws) => void ws.close());
  await page.reload();
  await page.locator('.banner.warn').waitFor({ timeout: 20_000 });
  await page.locator('#composer').fill('Found it: the crate moved to the boat after Tuesday.');
  await page.locator('#composer').press('Enter');
  await page.waitForTimeout(1200);
  await shot('reconnecting');
}

async function widths({ page, shot }, group) {
  for (const width of [1000, 800]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(`/rooms/${group}`);
    await page.locator('.head button').last().click();
    await shot(`width-${width}`);
  }
}

async function phone(look, { mika, group, empty, direct }) {
  const { context, page, shot } = await visit(look, mika.state, true);
  await page.goto('/');
  await page.locator('[data-room]').first().waitFor();
  await shot('rooms');
  for (const [name, id] of [
    ['room', group],
    ['empty', empty],
    ['direct', direct],
  ]) {
    await page.goto(`/rooms/${id}`);
    await page.locator('#composer').waitFor();
    await shot(name);
  }
  await page
    .locator('#composer')
    .fill('A longer text on a phone that goes over several lines, with a word and another.');
  await shot('composer');
  await page.goto(`/rooms/${group}`);
  await page.locator('.ph-head button, header button').last().click();
  await shot('panel');
  for (const path of ['browse', 'mentions', 'settings']) {
    await page.goto(`/${path}`);
    await shot(path);
  }
  await context.close();
}

mkdirSync('pictures', { recursive: true });
for (const look of LOOKS) {
  await outside(look);
  const made = await scene(look.locale);
  await inside(look, made);
  await phone(look, made);
}
await browser.close();
