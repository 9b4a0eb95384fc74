import { expect } from '@playwright/test';
import { arrive, makeDirect, message, open, say } from './people';
import { test } from './test';

test('two people talk: sent, seen, replied, reacted, edited, deleted', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika Arai'), arrive(browser, 'Tomas Lindqvist')]);
  const room = await makeDirect(mika, tomas);
  await open(mika, room);

  await say(mika.page, 'Is the **crane** booked for `buoy 3`?');
  const mine = message(mika.page, 'Is the crane booked');
  await expect(mine.locator('.state')).toContainText('Sent');
  await expect(mine.locator('strong')).toHaveText('crane');
  await expect(mine.locator('code')).toHaveText('buoy 3');

  await open(tomas, room);
  const his = message(tomas.page, 'Is the crane booked');
  await expect(his).toBeVisible();
  await expect(mine.getByRole('img', { name: 'Seen by Tomas Lindqvist' })).toBeVisible();

  await tomas.page.locator('#composer').pressSequentially('Ye', { delay: 20 });
  await expect(mika.page.locator('.comp-foot')).toContainText('Tomas is typing');

  await his.hover();
  await his.getByRole('button', { name: 'Reply' }).click();
  await say(tomas.page, 'Yes, 14:00 at the east pier.');
  const answer = message(mika.page, 'east pier');
  await expect(answer.locator('.quote')).toContainText('Mika Arai');
  await expect(mika.page.locator('.comp-foot')).not.toContainText('typing');

  await answer.hover();
  await answer.getByRole('button', { name: 'React', exact: true }).click();
  await mika.page.getByLabel('Find an emoji').fill('anchor');
  await mika.page.keyboard.press('Enter');
  await expect(message(tomas.page, 'east pier').locator('.chip', { hasText: '⚓' })).toContainText('1');
  await message(tomas.page, 'east pier').locator('.chip', { hasText: '⚓' }).click();
  await expect(answer.locator('.chip', { hasText: '⚓' })).toContainText('2');

  await mika.page.locator('#composer').focus();
  await mika.page.keyboard.press('ArrowUp');
  await expect(mika.page.locator('#composer')).toHaveValue('Is the **crane** booked for `buoy 3`?');
  await say(mika.page, 'Is the crane booked for buoy 4?');
  await expect(message(tomas.page, 'buoy 4').first()).toContainText('(edited)');

  const edited = message(mika.page, 'buoy 4').filter({ hasNot: mika.page.locator('.quote') });
  await edited.hover();
  await edited.getByRole('button', { name: 'More' }).click();
  await mika.page.getByRole('menuitem', { name: 'Delete' }).click();
  await mika.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(tomas.page.getByText('Mika Arai deleted this message')).toBeVisible();
  await expect(mika.page.getByText('You deleted this message')).toBeVisible();
  await expect(message(tomas.page, 'east pier').locator('.quote')).toContainText('was deleted');
});

test('a message shows in all windows of its author', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await open(mika, room);
  const second = await mika.page.context().newPage();
  await second.goto(`/rooms/${room}`);
  await say(mika.page, 'From the first window');
  await expect(message(second, 'From the first window').locator('.state')).toContainText('Sent');
});
