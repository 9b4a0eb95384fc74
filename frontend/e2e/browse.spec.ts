import { expect } from '@playwright/test';
import { arrive, makeRoom, message, post, say, unique } from './people';
import { test } from './test';

test('a public room is made, found, joined and talked in; a private one is not found', async ({ browser }) => {
  const guests = await Promise.all(['Mika', 'Tomas', 'Ines'].map((name) => arrive(browser, name)));
  const [mika, tomas, ines] = guests;
  if (!mika || !tomas || !ines) throw new Error('three came');
  const name = unique('harbour');
  await mika.page.goto('/');
  await mika.page.getByRole('button', { name: 'New room' }).click();
  const dialog = mika.page.getByRole('dialog', { name: 'New room' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('What it is for').fill('Wind, ice and ferries');
  await dialog.getByRole('button', { name: 'Create room' }).click();
  await expect(mika.page.getByRole('heading', { name })).toBeVisible();
  const secret = unique('secret');
  await makeRoom(mika, 'private', secret, []);
  const others = [`${name} two`, `${name} three`];
  for (const other of others) await makeRoom(tomas, 'public', other, []);

  await tomas.page.goto('/browse');
  await tomas.page.getByLabel('Find by name or topic').fill(secret);
  await expect(tomas.page.getByText('No room has these words')).toBeVisible();
  await tomas.page.getByLabel('Find by name or topic').fill(`${name} ferries`);
  await tomas.page.getByRole('button', { name: `Join ${name}` }).click();
  await tomas.page.getByRole('status').getByRole('button', { name: 'Open' }).click();
  await say(tomas.page, 'Ahoy');
  await expect(message(mika.page, 'Ahoy')).toBeVisible();
  await expect(mika.page.getByText('Tomas joined')).toBeVisible();
  await say(mika.page, 'Come in');
  await expect(message(tomas.page, 'Come in')).toBeVisible();

  // Many rooms, and more than two in one of them.
  await ines.page.goto('/browse');
  await ines.page.getByLabel('Find by name or topic').fill(name);
  for (const other of others) {
    await expect(ines.page.getByRole('button', { name: `Join ${other}` })).toBeVisible();
  }
  await ines.page.getByRole('button', { name: `Join ${name}`, exact: true }).click();
  await ines.page.getByRole('status').getByRole('button', { name: 'Open' }).click();
  await expect(message(ines.page, 'Ahoy')).toBeVisible();
  await say(ines.page, 'Good evening, both');
  for (const { page } of [mika, tomas]) await expect(message(page, 'Good evening, both')).toBeVisible();
});

test('a public room by its address: looked at, joined, left against one’s will and entered again', async ({
  browser,
}) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const name = unique('quay');
  const room = await makeRoom(mika, 'public', name, []);
  await post(mika, room, 'said before');
  const { page } = tomas;
  await page.goto(`/rooms/${room}`);
  await expect(page.getByRole('heading', { name }).first()).toBeVisible();
  await expect(page.getByText('Join to read and write.')).toBeVisible();
  await expect(page.locator('#composer')).toHaveCount(0);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(message(page, 'said before')).toBeVisible();
  await say(page, 'Ahoy');
  await expect(message(page, 'Ahoy').locator('.state')).toContainText('Sent');

  expect((await mika.api.delete(`/api/rooms/${room}/members/${tomas.id}`)).ok()).toBe(true);
  await expect(page.getByText('Join to read and write.')).toBeVisible();
  await post(mika, room, 'said meanwhile');
  const back = await mika.api.post(`/api/rooms/${room}/members`, { data: { members: [tomas.username] } });
  expect(back.ok(), await back.text()).toBe(true);
  await expect(message(page, 'said meanwhile')).toBeVisible();
  await expect(message(page, 'Ahoy')).toBeVisible();
});

test('the quick switcher goes to rooms and people', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas Lindqvist')]);
  const name = unique('noto');
  const room = await makeRoom(mika, 'group', name, [tomas]);
  await post(tomas, room, 'The ferry leaves at 7:10');
  await mika.page.goto('/');
  await expect(mika.page.getByRole('link', { name: `${name}, 1 unread` })).toBeVisible();
  await mika.page.keyboard.press('Control+k');
  await mika.page.keyboard.type(name.slice(0, 9));
  await expect(mika.page.getByRole('option', { name })).toHaveAttribute('aria-selected', 'true');
  await mika.page.keyboard.press('Enter');
  await expect(message(mika.page, 'The ferry leaves')).toBeVisible();
  await mika.page.keyboard.press('Control+k');
  await mika.page.keyboard.type(tomas.username);
  await expect(mika.page.getByRole('option', { name: tomas.username })).toBeVisible();
  await mika.page.keyboard.press('Enter');
  await expect(mika.page.getByRole('heading', { name: 'Tomas Lindqvist' })).toBeVisible();
  await mika.page.keyboard.press('Alt+ArrowUp');
  await expect(mika.page.getByRole('heading', { name })).toBeVisible();
});

test('the quick switcher opens nobody whom what was typed last does not name', async ({ browser }) => {
  const [mika, short, long] = await Promise.all(
    ['Mika', 'Quillon', 'Quillonette'].map((name) => arrive(browser, name)),
  );
  if (!mika || !short || !long) throw new Error('nobody came');
  await mika.page.goto('/');
  await mika.page.getByRole('button', { name: /^Jump to/ }).click();
  const field = mika.page.getByRole('combobox', { name: 'Jump to…' });
  await field.pressSequentially('quillon');
  await expect(mika.page.getByRole('option', { name: short.username })).toBeVisible();
  // From here on the server is slow.
  await mika.page.route('**/api/users?*', () => undefined);
  await field.pressSequentially('ette');
  await expect(mika.page.getByRole('option', { name: short.username })).toBeHidden();
  await field.press('Enter');
  await expect(mika.page.getByRole('heading', { name: 'Quillonette' })).toBeVisible();
});
