import { expect, type Page } from '@playwright/test';
import { message, online, open, say } from './people';
import { picture } from './picture';
import { test } from './test';

const SMALL = '1000';

async function attach(page: Page, text: string): Promise<void> {
  await page.getByTestId('attach').setInputFiles(picture('chart.png', 400, 300));
  await expect(page.locator('.comp-box img, .comp img').first()).toBeVisible();
  await say(page, text);
}

test('what the server refuses says why, holds nothing up, and can be sent again, edited or deleted', async ({
  own,
}) => {
  const { servers, mika, tomas, room } = await own(1, { CHAT_UPLOAD_BYTES_MAX: SMALL });
  await open(mika, room);
  const { page } = mika;
  const row = message(page, 'the chart');
  await attach(page, 'the chart');
  await expect(row).toHaveClass(/failed/);
  await expect(row.locator('.fail')).toContainText('Not sent. Larger than the server takes.');
  await say(page, 'not held up');
  await expect(message(page, 'not held up').locator('.state')).toContainText('Sent');
  await expect(page.locator(`nav [data-room="${room}"]`)).toHaveAttribute('aria-label', /not sent/i);
  await row.getByRole('button', { name: 'Retry' }).click();
  await expect(row.locator('.fail')).toContainText('Not sent.');
  await page.reload();
  await expect(row.locator('.fail')).toContainText('Not sent. Larger than the server takes.');
  await expect(row.locator('img')).toBeVisible();

  // What is being written stays, also where the last letter was typed just now.
  await page.locator('#composer').pressSequentially('half a thought');
  await row.getByRole('button', { name: 'Edit' }).click();
  await expect(row).toHaveCount(0);
  await expect(page.locator('#composer')).toHaveValue('the chart\nhalf a thought');
  await expect(page.locator('#composer')).toBeFocused();
  await page.locator('#composer').fill('');

  await attach(page, 'to be deleted');
  await message(page, 'to be deleted').getByRole('button', { name: 'Delete' }).click();
  await expect(message(page, 'to be deleted')).toHaveCount(0);
  await attach(page, 'the second chart');
  await expect(message(page, 'the second chart')).toHaveClass(/failed/);
  await page.reload();
  await expect(message(page, 'the second chart')).toHaveClass(/failed/);
  await expect(message(page, 'to be deleted')).toHaveCount(0);

  await servers.drain(0);
  await servers.set('CHAT_UPLOAD_BYTES_MAX', '1000000');
  await servers.begin(0);
  await online(page);
  await message(page, 'the second chart').getByRole('button', { name: 'Retry' }).click();
  await expect(message(page, 'the second chart').locator('.state')).toContainText('Sent');
  await expect(page.locator('.fail')).toHaveCount(0);
  await open(tomas, room);
  await expect(message(tomas.page, 'the second chart').locator('img')).toBeVisible();
  await expect(tomas.page.locator('article.msg .txt')).toHaveText(['not held up', 'the second chart']);
});

test('a server that is away: messages wait in order, nothing fails, and go out when it is back', async ({ own }) => {
  const { servers, mika, tomas, room } = await own(1);
  await open(mika, room);
  const { page } = mika;
  await say(page, 'before');
  await expect(message(page, 'before').locator('.state')).toContainText('Sent');
  await servers.kill(0);
  for (const n of ['one', 'two', 'three']) await say(page, `while away ${n}`);
  await expect(page.locator('.banner')).toContainText('3 messages wait', { timeout: 10_000 });
  await expect(message(page, 'while away one').locator('.state')).toContainText('Waiting');
  await expect(page.locator('.fail')).toHaveCount(0);
  await servers.begin(0);
  await expect(page.locator('.waterline')).toHaveCount(0, { timeout: 30_000 });
  await open(tomas, room);
  await expect(tomas.page.locator('article.msg .txt')).toHaveText([
    'before',
    'while away one',
    'while away two',
    'while away three',
  ]);
});
