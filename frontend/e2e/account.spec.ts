import { expect } from '@playwright/test';
import { arrive, makeDirect, message, post, unique } from './people';
import { picture } from './picture';
import { test } from './test';

test('sign-up says what is wrong, then signs in; sign-out and sign-in again', async ({ page }) => {
  const name = unique('leila');
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(page.getByText('This is needed.')).toBeVisible();
  await page.getByLabel('Email').fill('leila');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(page.getByText('This is not an email address.')).toBeVisible();
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Email').fill(`${name}@test.example`);
  await page.getByLabel('Password', { exact: true }).fill('ten letters');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(page.getByRole('heading', { name: 'Who do you want to talk to?' })).toBeVisible();

  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // The landing page, whatever is asked for; nothing of the dashboard is left.
  for (const path of ['', '/settings', '/browse']) {
    if (path !== '') await page.goto(path);
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await expect(page.getByRole('navigation')).toHaveCount(0);
    await expect(page.getByText(name)).toHaveCount(0);
  }
  await page.goto('/');
  await page.getByLabel('Username or email').fill(`${name}@test.example`);
  await page.getByLabel('Password', { exact: true }).fill('another thing');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('The name or the password is wrong.');
  await page.getByLabel('Password', { exact: true }).fill('ten letters');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Who do you want to talk to?' })).toBeVisible();
});

test('names, photo and password change at once, for others too', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await post(mika, room, 'it is me');
  const { page } = mika;
  await page.goto('/settings');
  const name = unique('mika');
  await page.getByLabel('Username').fill(name);
  await page.getByLabel('Display name').fill('Mika Arai');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await page.getByTestId('photo').setInputFiles(picture('me.png', 64, 64));
  await expect(page.locator('.photo img')).toBeVisible();

  await tomas.page.goto(`/rooms/${room}`);
  await expect(message(tomas.page, 'it is me')).toContainText('Mika Arai');
  await expect(message(tomas.page, 'it is me').locator('.av img')).toBeVisible();
  // The new handle is the one that is offered, and no other one.
  const composer = tomas.page.locator('#composer');
  await composer.pressSequentially('@mika');
  await expect(tomas.page.getByRole('option', { name })).toBeVisible();
  await expect(tomas.page.getByRole('option', { name: mika.username })).toHaveCount(0);
  await composer.fill('');

  await page.getByLabel('Current password').fill('not my password');
  await page.getByLabel('New password').fill('another long one');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('The password is wrong.')).toBeVisible();
  await page.getByLabel('Current password').fill(mika.password);
  await page.getByLabel('New password').fill('another long one');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('The password is changed.')).toBeVisible();
  const again = await browser.newPage();
  await again.goto('/');
  await again.getByLabel('Username or email').fill(mika.username);
  await again.getByLabel('Password', { exact: true }).fill('another long one');
  await again.getByRole('button', { name: 'Sign in' }).click();
  await expect(again.getByRole('alert')).toHaveText('The name or the password is wrong.');
  const signIn = async () => {
    await again.goto('/');
    await again.getByLabel('Username or email').fill(name);
    await again.getByLabel('Password', { exact: true }).fill('another long one');
    await again.getByRole('button', { name: 'Sign in' }).click();
    await expect(again.getByRole('link', { name: 'Tomas' })).toBeVisible();
  };
  await signIn();
  await page.reload();
  await page.getByRole('button', { name: /^Sign out: Chrome/ }).click();
  await expect(again.getByText('You were signed out.')).toBeVisible({ timeout: 10_000 });
  await expect(page.getByText('Only this session is signed in.')).toBeVisible();

  await signIn();
  await page.reload();
  await page.getByRole('button', { name: 'Sign out all others' }).click();
  await expect(again.getByText('You were signed out.')).toBeVisible({ timeout: 10_000 });
  await page.route('**/api/auth/sessions', (route) => route.abort());
  await page.reload();
  await expect(page.getByText('No answer from the server.')).toBeVisible();
  await expect(page.getByText('Only this session is signed in.')).toHaveCount(0);
});

test('Japanese, and dark', async ({ browser }) => {
  const page = await browser.newPage({ locale: 'ja-JP', colorScheme: 'dark' });
  await page.goto('/');
  await expect(page.getByRole('heading', { name: '送信済みは、保存済み。' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(19, 25, 22)');
});

test('a language that is chosen on one device is that of the others too', async ({ browser }) => {
  const { page, api } = await arrive(browser, 'Mika');
  const html = page.locator('html');
  await page.goto('/settings');
  await expect(html).toHaveAttribute('lang', 'en');
  await api.patch('/api/me', { data: { locale: 'ja' } });
  await page.reload();
  await expect(html).toHaveAttribute('lang', 'ja');
  await page.getByRole('button', { name: 'English' }).click();
  await expect.poll(async () => (await (await api.get('/api/me')).json()).locale).toBe('en');
  await page.reload();
  await expect(html).toHaveAttribute('lang', 'en');
});
