// covers: F25
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { arrive, makeDirect, makeRoom, message, open, post } from './people';
import { test } from './test';

async function clean(page: Page, what: string): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined))),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(found, what).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no view has violations, ${colorScheme}`, async ({ browser }) => {
    const visitor = await (await browser.newContext({ colorScheme, reducedMotion: 'reduce' })).newPage();
    await visitor.goto('/');
    await expect(visitor.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await clean(visitor, 'landing');
    await visitor.goto('/sign-up');
    await visitor.getByRole('button', { name: 'Create an account' }).click();
    await expect(visitor.getByRole('alert').first()).toBeVisible();
    await clean(visitor, 'sign-up with errors');

    const options = { colorScheme, reducedMotion: 'reduce' as const };
    const [mika, tomas] = await Promise.all([arrive(browser, 'Mika', options), arrive(browser, 'Tomas')]);
    const { page } = mika;
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'Who do you want to talk to?' })).toBeVisible();
    await clean(page, 'first run');
    await makeDirect(mika, tomas);
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
    await open(mika, room);
    await expect(message(page, 'was deleted')).toBeVisible();
    await page.getByRole('button', { name: 'About this room' }).click();
    await expect(page.getByRole('complementary')).toContainText('2 people');
    await clean(page, 'room with panel');
    await message(page, 'Morning').first().hover();
    await message(page, 'Morning').first().getByRole('button', { name: 'React', exact: true }).click();
    await expect(page.getByLabel('Find an emoji')).toBeVisible();
    await clean(page, 'emoji picker');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toBeVisible();
    await clean(page, 'quick switcher');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByRole('dialog').getByRole('combobox').fill(tomas.username);
    await expect(page.getByRole('option').first()).toBeVisible();
    await clean(page, 'new group');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    for (const path of ['/browse', '/mentions', '/settings']) {
      await page.goto(path);
      await expect(page.locator('h1')).toBeVisible();
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      await clean(page, path);
    }
    await open(mika, room);
    await page.locator('h1').click();
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
    await clean(page, 'keys');
    await page.keyboard.press('Escape');
    await page.context().setOffline(true);
    await page.locator('#composer').fill('waits');
    await page.locator('#composer').press('Enter');
    await expect(page.locator('.waterline')).toBeVisible();
    await clean(page, 'offline with a waiting message');
    await page.context().setOffline(false);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/');
    await expect(page.locator(`[data-room="${room}"]`)).toBeVisible();
    await clean(page, 'phone list');
  });
}
