import { expect } from '@playwright/test';
import { arrive, makeRoom, message, open, post } from './people';
import { test } from './test';

test('a message is answered, changed, reacted to and deleted by keys alone, and the focus is never lost', async ({
  browser,
}) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeRoom(mika, 'group', 'Firmware', [tomas]);
  await post(tomas, room, 'Shall we?');
  await post(mika, room, 'We shall');
  const { page } = mika;
  const { keyboard } = page;
  await open(mika, room);
  await expect(message(page, 'We shall')).toBeVisible();
  const composer = page.locator('#composer');
  await expect(composer).toBeFocused();
  await keyboard.press('Shift+Tab');
  await keyboard.press('Shift+Tab');
  const mine = message(page, 'We shall');
  await expect(mine).toBeFocused();

  await keyboard.press('ArrowUp');
  const his = message(page, 'Shall we?');
  await expect(his).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await expect(page.getByLabel('Find an emoji')).toBeFocused();
  await keyboard.press('Escape');
  await expect(his).toBeFocused();
  await keyboard.press('+');
  await expect(page.getByLabel('Find an emoji')).toBeFocused();
  await keyboard.type('anchor');
  await keyboard.press('Enter');
  await expect(his.locator('.chip', { hasText: '⚓' })).toHaveAttribute('aria-label', 'You reacted with ⚓');
  await expect(his).toBeFocused();
  await keyboard.press('r');
  await expect(composer).toBeFocused();
  await expect(page.locator('.comp-ctx')).toContainText('Reply to Tomas');
  await keyboard.press('Escape');
  await expect(page.locator('.comp-ctx')).toHaveCount(0);

  for (const _ of ['Attach', 'Add a reaction', '⚓', 'the message']) await keyboard.press('Shift+Tab');
  await expect(his).toBeFocused();
  await keyboard.press('End');
  await expect(mine).toBeFocused();
  for (const _ of ['React', 'Reply', 'Edit', 'More']) await keyboard.press('Tab');
  await keyboard.press('Enter');
  const items = page.getByRole('menuitem');
  await expect(items.first()).toBeFocused();
  await keyboard.press('End');
  await expect(items.last()).toBeFocused();
  await keyboard.press('ArrowDown');
  await expect(items.first()).toBeFocused();
  await keyboard.press('ArrowUp');
  await keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await expect(page.getByText('This message was deleted')).toBeVisible();
  expect(await page.evaluate(() => document.activeElement?.closest('[role="log"]') !== null)).toBe(true);
});

test('F6 walks to the message field, to the panel and to the open room', async ({ browser }) => {
  const mika = await arrive(browser, 'Mika');
  const room = await makeRoom(mika, 'private', 'Firmware', []);
  const { page } = mika;
  await open(mika, room);
  await page.getByRole('button', { name: 'About this room' }).click();
  await expect(page.getByRole('complementary')).toContainText('1 person');
  await page.locator('#composer').focus();
  const at = (css: string) => expect(page.locator(`${css}:focus`)).toHaveCount(1);
  await page.keyboard.press('F6');
  await at('aside button');
  await page.keyboard.press('F6');
  await at(`nav [data-room="${room}"]`);
  await page.keyboard.press('F6');
  await at('#composer');
  await page.keyboard.press('Shift+F6');
  await at(`nav [data-room="${room}"]`);
});
