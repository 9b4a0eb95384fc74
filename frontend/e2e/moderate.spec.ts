import { expect, type Page } from '@playwright/test';
import { arrive, makeRoom, message, open, post } from './people';
import { test } from './test';

async function act(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

/** A member: neither roles nor removal, nor the messages of others. */
async function mayNothing(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Actions for Ines' }).click();
  await expect(page.getByRole('menuitem')).toHaveText(['Send a message']);
  await page.keyboard.press('Escape');
  await message(page, 'buy my boat').hover();
  await message(page, 'buy my boat').getByRole('button', { name: 'More' }).click();
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0);
  await page.keyboard.press('Escape');
}

async function deletes(page: Page): Promise<void> {
  await message(page, 'buy my boat').hover();
  await message(page, 'buy my boat').getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
}

test('an owner makes a moderator, who deletes and removes; a member may do neither', async ({ browser }) => {
  const names = ['Mika', 'Tomas', 'Ines'];
  const [mika, tomas, ines] = await Promise.all(names.map((name) => arrive(browser, name)));
  if (!mika || !tomas || !ines) throw new Error('three came');
  const room = await makeRoom(mika, 'group', 'Harbour office', [tomas, ines]);
  await post(ines, room, 'buy my boat');
  await post(mika, room, 'from the owner');
  for (const guest of [mika, tomas, ines]) {
    await open(guest, room);
    await guest.page.getByRole('button', { name: 'About this room' }).click();
    await expect(guest.page.getByRole('complementary')).toContainText('3 people');
  }

  await mayNothing(tomas.page);
  await act(mika.page, 'Tomas', 'Make moderator');
  const entry = tomas.page.getByRole('complementary').locator('.person', { hasText: 'Tomas' });
  await expect(message(tomas.page, 'Mika made Tomas a moderator')).toBeVisible();
  await expect(mika.page.locator('.person', { hasText: 'Tomas' })).toContainText('Moderator');
  await expect(entry).toBeVisible();

  await deletes(tomas.page);
  // Who deleted it is not known, and not guessed.
  for (const { page } of [mika, tomas, ines]) await expect(page.getByText('This message was deleted')).toBeVisible();
  await expect(message(mika.page, 'buy my boat')).toHaveCount(0);
  await expect(message(ines.page, 'buy my boat')).toHaveCount(0);

  // An owner is above a moderator.
  await tomas.page.getByRole('button', { name: 'Actions for Mika' }).click();
  await expect(tomas.page.getByRole('menuitem', { name: 'Remove from room' })).toHaveCount(0);
  await tomas.page.keyboard.press('Escape');

  await act(tomas.page, 'Ines', 'Remove from room');
  await expect(ines.page.getByText('This room is not here')).toBeVisible();
  await expect(ines.page.locator(`[data-room="${room}"]`)).toHaveCount(0);
  await expect(mika.page.getByRole('complementary')).toContainText('2 people');

  await act(mika.page, 'Tomas', 'Make member');
  await expect(message(tomas.page, 'Mika made Tomas a member')).toBeInViewport();
  await message(tomas.page, 'from the owner').hover();
  await message(tomas.page, 'from the owner').getByRole('button', { name: 'More' }).click();
  await expect(tomas.page.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0);
  await tomas.page.keyboard.press('Escape');

  // The last owner gives the room on.
  await act(mika.page, 'Tomas', 'Make owner');
  await expect(tomas.page.getByRole('button', { name: 'Delete room' })).toBeVisible();
  await tomas.page.getByRole('button', { name: /^Delete/ }).click();
  await tomas.page
    .getByRole('dialog')
    .getByRole('button', { name: /^Delete/ })
    .click();
  await expect(mika.page.getByText('This room is not here')).toBeVisible();
});
