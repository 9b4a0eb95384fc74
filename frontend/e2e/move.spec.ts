import { expect, type Page } from '@playwright/test';
import { message, online, open, post, say } from './people';
import { test } from './test';

declare global {
  interface Window {
    said: string[] | undefined;
  }
}

const texts = (page: Page) => page.locator('article.msg .txt');

/** Notes what the banner says, for as long as this document lives. */
async function remember(page: Page): Promise<void> {
  await page.evaluate(() => {
    const said: string[] = [];
    window.said = said;
    new MutationObserver(() => {
      const text = document.querySelector('.banner')?.textContent ?? '';
      if (text !== '' && said.at(-1) !== text) said.push(text);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
}

test('a server that ends sends its people to another: no draft, no message, no page is lost', async ({ own }) => {
  const { servers, mika, tomas, room } = await own(2);
  await open(mika, room);
  await open(tomas, room);
  for (const { page } of [mika, tomas]) await remember(page);
  const expected: string[] = [];
  const talk = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      expected.push(`message ${expected.length}`);
      await say(mika.page, expected.at(-1) ?? '');
    }
  };
  await talk(5);
  await tomas.page.locator('#composer').pressSequentially('half a tho');
  const ended = servers.drain(0);
  await talk(10);
  await tomas.page.locator('#composer').pressSequentially('ught');
  await talk(10);
  await ended;
  await talk(5);
  for (const { page } of [mika, tomas]) {
    await online(page);
    await expect(texts(page)).toHaveText(expected);
    expect(await page.evaluate(() => window.said)).toContainEqual(expect.stringContaining('Moving to another server.'));
  }
  await expect(mika.page.locator('.waterline')).toHaveCount(0);
  await expect(tomas.page.locator('#composer')).toHaveValue('half a thought');
  await expect(tomas.page.locator('#composer')).toBeFocused();
  await tomas.page.keyboard.press('Enter');
  await expect(message(mika.page, 'half a thought')).toBeVisible();
  expect(await servers.metric(1, 'chat_sockets')).toBe(2);
});

test('a page that could not keep up is told so and ends up with everything, in order', async ({ own }) => {
  const { servers, mika, tomas, room } = await own(1, { CHAT_SOCKET_SEND_QUEUE: '16' });
  await post(tomas, room, 'number 0');
  await open(mika, room);
  await expect(message(mika.page, 'number 0')).toBeVisible();
  const heavy = 'x'.repeat(7_900);
  const past = async (content: string) => {
    const url = `${servers.direct(0)}/api/rooms/${room}/messages`;
    const answer = await tomas.api.post(url, { data: { clientId: crypto.randomUUID(), content } });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  // More and more, written past the gate, until the pipes of the system and the queue of the server are full.
  const resyncs = () => servers.metric(0, 'chat_resyncs_total');
  for (let count = 240; (await resyncs()) === 0; count *= 2) {
    await servers.flowing(false);
    for (let n = 0; n < count; n += 40)
      await Promise.all(Array.from({ length: 40 }, (_, i) => past(`${heavy} ${n + i}`)));
    await servers.flowing(true);
    await expect
      .poll(resyncs, { timeout: 3000 })
      .toBeGreaterThan(0)
      .catch(() => undefined);
  }
  await past('number last');
  await expect(message(mika.page, 'number last')).toBeInViewport({ timeout: 60_000 });
  await online(mika.page);
  await say(mika.page, 'and on');
  await expect(message(mika.page, 'and on').locator('.state')).toContainText('Sent');
});

test('another store answers: what it does not know is forgotten, what is unsent goes out', async ({ own }) => {
  const { servers, mika, tomas, room } = await own(1);
  for (let n = 0; n < 12; n += 1) await post(tomas, room, `kept ${n}`);
  const last = await post(tomas, room, 'after the backup');
  await open(mika, room);
  await expect(message(mika.page, 'after the backup')).toBeVisible();

  // The server ends, and restarts with the store as it was before the last message.
  await servers.kill(0);
  await say(mika.page, 'unsent meanwhile');
  await mika.page.locator('#composer').fill('a draft');
  const seq = Number(last.slice(last.lastIndexOf('-') + 1));
  servers.sql(`
    DELETE FROM messages WHERE seq = ${seq};
    UPDATE members SET read_seq = LEAST(read_seq, ${seq - 1}), read_ordinal = LEAST(read_ordinal, 12);
    UPDATE heads SET head = head - 1, posts = posts - 1 WHERE head = ${seq};
    UPDATE store SET epoch = UNHEX(REPLACE(UUID(), '-', ''));`);
  await servers.begin(0);
  await expect(message(mika.page, 'after the backup')).toHaveCount(0, { timeout: 30_000 });
  await expect(message(mika.page, 'unsent meanwhile').locator('.state')).toContainText(/Sent|Seen/);
  const expected = [...Array.from({ length: 12 }, (_, n) => `kept ${n}`), 'unsent meanwhile'];
  await expect(texts(mika.page)).toHaveText(expected);
  await expect(mika.page.locator('#composer')).toHaveValue('a draft');
  await online(mika.page);
  await open(tomas, room);
  await expect(texts(tomas.page)).toHaveText(expected);
  await post(tomas, room, 'life goes on');
  await expect(message(mika.page, 'life goes on')).toBeVisible();
});
