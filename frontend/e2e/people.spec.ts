import { expect, type Page } from '@playwright/test';
import { arrive, message, say, unique } from './people';
import { fill } from './store';
import { test } from './test';

async function change(page: Page, name: string, topic: string): Promise<void> {
  await page.getByRole('button', { name: 'Change name and topic' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What it is for').fill(topic);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Save' }).click();
}

test('a chat starts by email; nobody and somebody known are told apart; the second time it opens', async ({
  browser,
}) => {
  const guests = await Promise.all(['Mika Arai', 'Tomas Lindqvist', 'Ines'].map((name) => arrive(browser, name)));
  const [mika, tomas, ines] = guests;
  if (!mika || !tomas || !ines) throw new Error('three came');
  await mika.page.goto('/');
  const field = mika.page.getByRole('combobox', { name: 'Username or email' });
  await field.fill('keiko@wajima.example');
  await mika.page.getByRole('button', { name: 'Start' }).click();
  await expect(mika.page.getByRole('alert')).toHaveText('Nobody here has the address keiko@wajima.example.');

  await field.fill(tomas.email);
  await mika.page.getByRole('button', { name: 'Start' }).click();
  await expect(mika.page.getByRole('heading', { name: 'Tomas Lindqvist' })).toBeVisible();
  await say(mika.page, 'First words');
  await expect(message(mika.page, 'First words').locator('.state')).toContainText('Sent');
  const url = mika.page.url();

  await tomas.page.goto('/');
  await tomas.page.locator('nav [data-room]', { hasText: 'Mika Arai' }).click();
  await expect(message(tomas.page, 'First words')).toBeVisible();

  await mika.page.getByRole('button', { name: 'New conversation' }).click();
  await mika.page.getByRole('dialog').getByRole('combobox').fill(tomas.username);
  await mika.page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await expect(mika.page.getByRole('dialog')).toHaveCount(0);
  expect(mika.page.url()).toBe(url);
  await expect(mika.page.locator('nav [data-room]', { hasText: 'Tomas Lindqvist' })).toHaveCount(1);

  // The first time, by a username.
  await mika.page.getByRole('button', { name: 'New conversation' }).click();
  await mika.page.getByRole('dialog').getByRole('combobox').fill(ines.username);
  await mika.page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await expect(mika.page.getByRole('heading', { name: 'Ines' })).toBeVisible();
  await say(mika.page, 'And you?');
  await ines.page.goto('/');
  await ines.page.locator('nav [data-room]', { hasText: 'Mika Arai' }).click();
  await expect(message(ines.page, 'And you?')).toBeVisible();
});

test('a group with several people, changed by its owner', async ({ browser }) => {
  const guests = await Promise.all(['Mika Arai', 'Tomas', '森 健二', 'Ines'].map((name) => arrive(browser, name)));
  const [mika, tomas, mori, ines] = guests;
  if (!mika || !tomas || !mori || !ines) throw new Error('four came');
  const { page } = mika;
  await page.goto('/');
  await page.getByRole('button', { name: 'New group' }).click();
  const dialog = page.getByRole('dialog', { name: 'New group' });
  await dialog.getByLabel('Name').fill('Winter moorings');
  const people = dialog.getByRole('combobox', { name: 'People' });
  await people.fill(tomas.username);
  await expect(dialog.getByRole('option', { name: tomas.username })).toBeVisible();
  await people.press('Enter');
  await people.fill(mori.email);
  await people.press('Enter');
  // The answer for these letters is not here yet: nobody of the last one is taken instead.
  await people.pressSequentially(ines.username.slice(0, 4));
  await expect(dialog.getByRole('option').first()).toBeVisible();
  await page.route('**/api/users?*', () => undefined);
  await people.pressSequentially('-nobody-has-this');
  await people.press('Enter');
  await expect(dialog.locator('.pchip').last()).toContainText(`${ines.username.slice(0, 4)}-nobody-has-this`);
  await page.unroute('**/api/users?*');
  await people.press('Backspace');
  await people.fill('nobody@wajima.example');
  await people.press('Enter');
  await dialog.getByRole('button', { name: 'Create group' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Nobody here has the address nobody@wajima.example.');
  await dialog.getByRole('button', { name: 'Take nobody@wajima.example away' }).click();
  await expect(dialog).toContainText('2 people and you');
  await dialog.getByRole('button', { name: 'Create group' }).click();
  await expect(page.getByRole('heading', { name: 'Winter moorings' })).toBeVisible();

  await mori.page.goto(page.url());
  await say(mori.page, 'よろしくお願いします');
  await expect(message(page, 'よろしくお願いします')).toBeVisible();
  await expect(message(page, 'よろしくお願いします').locator('.txt')).toHaveAttribute('lang', 'ja');

  await page.getByRole('button', { name: 'About this room' }).click();
  const panel = page.getByRole('complementary', { name: 'About this room' });
  await expect(panel).toContainText('3 people');
  await panel.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('dialog').getByRole('combobox').fill(ines.username);
  await page.getByRole('dialog').getByRole('combobox').press('Enter');
  await page.getByRole('button', { name: 'Add people' }).click();
  await expect(panel).toContainText('4 people');
  await change(page, 'Spring moorings', 'Shackles and chains');
  for (const each of [page, mori.page]) {
    await expect(each.locator('header .topic')).toHaveText('Shackles and chains');
    await expect(each.getByRole('heading', { name: 'Spring moorings' })).toBeVisible();
  }

  await ines.page.goto(page.url());
  await expect(ines.page.getByRole('heading', { name: 'Spring moorings' })).toBeVisible();
  await ines.page.getByRole('button', { name: 'About this room' }).click();
  await ines.page.getByRole('button', { name: 'Leave group' }).click();
  await ines.page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
  await expect(ines.page.getByRole('heading', { name: 'Who do you want to talk to?' })).toBeVisible();
  await expect(panel).toContainText('3 people');
});

test('mentions are offered, marked and counted', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const answer = await mika.api.post('/api/rooms', {
    data: { kind: 'group', name: unique('mentions'), members: [tomas.username] },
  });
  const { room } = (await answer.json()) as { room: { id: string; name: string } };
  await tomas.page.goto('/');
  await mika.page.goto(`/rooms/${room.id}`);
  const composer = mika.page.locator('#composer');
  await composer.pressSequentially('ask @tom');
  await expect(mika.page.getByRole('option', { name: tomas.username })).toBeVisible();
  await composer.press('Enter');
  await expect(composer).toHaveValue(`ask @${tomas.username} `);
  await composer.pressSequentially('about it');
  await composer.press('Enter');
  await expect(message(mika.page, 'about it').locator('.at-you')).toHaveText(`@${tomas.username}`);
  await expect(tomas.page.getByRole('link', { name: `${room.name}, 1 unread, 1 mention` })).toBeVisible();
  await tomas.page.getByRole('link', { name: 'Mentions, 1' }).click();
  await expect(tomas.page.getByRole('main')).toContainText('about it');
  // However far up it is by now, the list leads to it, and what comes after it stays unread.
  fill(room.id, [mika.id, mika.id], 300);
  await tomas.page.reload();
  await tomas.page.getByRole('main').getByRole('link', { name: 'about it' }).click();
  await expect(message(tomas.page, 'about it')).toBeInViewport();
  await expect(message(tomas.page, 'about it')).toHaveClass(/ at/);
  await expect(tomas.page.locator(`nav [data-room="${room.id}"]`)).toHaveAttribute(
    'aria-label',
    /301 unread, 1 mention/,
  );
  await tomas.page.getByRole('button', { name: /new$/ }).click();
  await expect(tomas.page.getByRole('link', { name: room.name, exact: true })).toBeVisible();
});
