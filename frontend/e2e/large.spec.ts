import { expect, type Page } from '@playwright/test';
import { addFrameRecorder, quiet, type Recorded, watched } from './frame-recorder';
import { arrive, type Guest, makeRoom, message, open, post, say } from './people';
import { fill } from './store';
import { test } from './test';

const COUNT = 100_000;
const STEP = 400;

type Large = { mika: Guest; tomas: Guest; room: string };

async function enter(browser: Parameters<typeof arrive>[0]): Promise<Large> {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeRoom(tomas, 'group', 'Large', [mika]);
  fill(room, [mika.id, tomas.id], COUNT);
  await addFrameRecorder(mika.page);
  return { mika, tomas, room };
}

function steady(seen: Recorded, what: string): void {
  expect(seen.notes, what).toEqual([]);
  expect(seen.blank, `${what}: frames without a row`).toBe(0);
  expect(seen.rows, `${what}: rows in the document`).toBeLessThan(150);
}

/** Turns the wheel by some notches, as a hand does, and lets everything settle: pages come in, heights become known. */
async function turn(page: Page, by: number, notches = 1): Promise<Recorded> {
  return watched(page, -by * notches, async () => {
    for (let n = 0; n < notches; n += 1) await page.mouse.wheel(0, by);
    await quiet(page);
  });
}

/** The number of the row in the middle of the screen. */
async function lineAtEye(page: Page): Promise<number> {
  return page.evaluate(() => {
    const box = document.querySelector('.tl-list')?.getBoundingClientRect();
    const row = [...document.querySelectorAll('.tl-list [data-row]')].find(
      (el) => box && el.getBoundingClientRect().bottom > box.top + box.height / 2,
    );
    return Number(/line (\d+)/.exec(row?.querySelector('.txt')?.textContent ?? '')?.[1] ?? -1);
  });
}

async function heap(page: Page): Promise<{ megabytes: number; nodes: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  await session.detach();
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? 0;
  return { megabytes: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes') };
}

test('100,000 messages by the wheel: no frame jumps, up and down, and memory has an end', async ({ browser }) => {
  test.setTimeout(300_000);
  const { mika, room } = await enter(browser);
  const { page } = mika;
  await open(mika, room);
  await expect(message(page, `line ${COUNT}`).first()).toBeInViewport();
  await page.locator('.tl-list').hover();
  await quiet(page);

  const start = await lineAtEye(page);
  for (let n = 0; n < 30; n += 1) steady(await turn(page, -STEP, 3), `up ${n}`);
  const before = await heap(page);
  for (let n = 0; n < 60; n += 1) steady(await turn(page, -STEP, 3), `further up ${n}`);
  const after = await heap(page);
  expect(start - (await lineAtEye(page)), 'more than the page keeps').toBeGreaterThan(1600);
  expect(after.megabytes - before.megabytes, 'megabytes more').toBeLessThan(12);
  expect(after.nodes, 'nodes of the document').toBeLessThan(before.nodes + 6000);
  for (let n = 0; n < 45; n += 1) steady(await turn(page, STEP, 3), `down ${n}`);
});

test('100,000 messages by bar and keys, to the first, to what was answered, to the end, and on', async ({
  browser,
}) => {
  const { mika, tomas, room } = await enter(browser);
  const { page } = mika;
  const answer = await post(tomas, room, 'an answer to the beginning', { replyTo: await idOf(tomas, room, 5) });
  expect(answer).not.toBe('');
  await open(mika, room);
  await expect(message(page, 'an answer to the beginning')).toBeInViewport();

  // The unread line stands at the very beginning, a hundred thousand rows up.
  await page.getByRole('button', { name: `Jump to ${COUNT + 1} unread` }).click();
  await expect(message(page, 'line 1').first()).toBeInViewport();
  await expect(page.locator('.newline')).toBeInViewport();
  // Made today, filled with what is ten weeks old: a day begins between the two.
  await expect(page.locator('.day', { hasText: /^[A-Z][a-z]+day,? \d+ [A-Z]/ }).first()).toBeVisible();
  await quiet(page);
  steady(await watched(page, 0, () => quiet(page, 30)), 'at the first');
  for (let n = 0; n < 12; n += 1) {
    steady(await turn(page, STEP, 3), `down from the first ${n}`);
    await inOrder(page);
  }

  await page.getByRole('button', { name: /To the newest|new$/ }).click();
  await expect(message(page, 'an answer to the beginning')).toBeInViewport();
  await message(page, 'an answer to the beginning').locator('.quote').click();
  await expect(page.locator('article.msg.lit', { hasText: /line 5$/ })).toBeInViewport();
  await quiet(page);
  steady(await watched(page, 0, () => quiet(page, 30)), 'at what was answered');
  await inOrder(page);
  await page.getByRole('button', { name: /To the newest|new$/ }).click();
  await expect(message(page, 'an answer to the beginning')).toBeInViewport();

  await keys(page);
  await bar(page);

  await growAbove(page);
  await page.getByRole('button', { name: /To the newest|new$/ }).click();
  await expect(message(page, 'an answer to the beginning')).toBeInViewport();

  // Sent from far up: on screen at once, and then stored.
  for (let n = 0; n < 30; n += 1) await turn(page, -STEP, 3);
  await say(page, 'from far up');
  await expect(message(page, 'from far up')).toBeInViewport();
  await expect(message(page, 'from far up').locator('.state')).toContainText('Sent');
  expect(await framesUntilShown(page, 'within a frame')).toBeLessThanOrEqual(1);
});

/** The rows that the page holds follow each other: none is missing in between, none is there twice. */
async function inOrder(page: Page): Promise<void> {
  const lines = await page
    .locator('.tl-list article.msg .txt')
    .evaluateAll((rows) => rows.flatMap((row) => /^line (\d+)/.exec(row.textContent?.trim() ?? '')?.[1] ?? []));
  const [first] = lines;
  expect(lines.length, 'lines on the page').toBeGreaterThan(5);
  expect(lines).toEqual(lines.map((_, n) => String(Number(first) + n)));
}

async function idOf(guest: Guest, room: string, line: number): Promise<string> {
  const answer = await guest.api.get(`/api/rooms/${room}/messages?aroundSeq=${line + 1}&limit=9`);
  const { messages } = (await answer.json()) as { messages: { id: string; content: string }[] };
  return messages.find((m) => m.content === `line ${line}`)?.id ?? '';
}

/** Page Up from a focused row, Home, and End: each stands still where it arrives. */
async function keys(page: Page): Promise<void> {
  await page.locator('article.msg').last().focus();
  const start = await lineAtEye(page);
  for (let n = 0; n < 15; n += 1) {
    await page.keyboard.press('PageUp');
    await quiet(page);
  }
  expect(await lineAtEye(page)).toBeLessThan(start - 60);
  steady(await watched(page, 0, () => quiet(page, 20)), 'after Page Up');
  await page.locator('article.msg').nth(8).focus();
  await page.keyboard.press('Home');
  await quiet(page);
  const focused = page.locator('article.msg:focus');
  await expect(focused).toBeInViewport();
  steady(await watched(page, 0, () => quiet(page, 20)), 'after Home');
  await page.keyboard.press('End');
  await expect(message(page, 'an answer to the beginning')).toBeInViewport();
}

/** The bar is dragged to some places of what is loaded: wherever it is let go, the rows stand. */
async function bar(page: Page): Promise<void> {
  // Pages come in late, while frames are recorded.
  await page.route('**/messages?*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue();
  });
  for (const share of [0.5, 0.1, 0, 0.7, 0.02, 0.4, 0, 0.9]) {
    await page.locator('.tl-list').evaluate((el, to) => {
      el.scrollTop = to * (el.scrollHeight - el.clientHeight);
    }, share);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    // What comes in later, pages and heights, moves nothing.
    const seen = await watched(page, 0, () => quiet(page, 20));
    steady(seen, `bar at ${share}`);
    await inOrder(page);
  }
  await page.unroute('**/messages?*');
}

/** A row above the one that is looked at gets higher, as by a reaction or a late picture: what is read stays. */
async function growAbove(page: Page): Promise<void> {
  await turn(page, -STEP, 2);
  await quiet(page);
  const seen = await watched(page, 0, async () => {
    await page.evaluate(() => {
      const edge = document.querySelector('.tl-list')?.getBoundingClientRect().top ?? 0;
      const above = [...document.querySelectorAll<HTMLElement>('.tl-list article')].filter(
        (row) => row.getBoundingClientRect().bottom < edge,
      );
      for (const row of above.slice(-3)) row.style.paddingBottom = '57px';
    });
    await quiet(page, 20);
  });
  steady(seen, 'a row above grew');
}

async function framesUntilShown(page: Page, text: string): Promise<number> {
  await page.locator('#composer').fill(text);
  return page.evaluate(async (wanted) => {
    const shown = () =>
      [...document.querySelectorAll('article.msg')].some((row) => row.textContent?.includes(wanted) === true);
    const field = document.querySelector('#composer');
    field?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    for (let frame = 0; frame < 30; frame += 1) {
      if (shown()) return frame;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return 99;
  }, text);
}
