import { expect } from '@playwright/test';
import { arrive, makeDirect, makeRoom, message, open, say } from './people';
import { picture, png } from './picture';
import { test } from './test';

test('a picture by file, one by paste, in place before it has come', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  await open(mika, room);
  await open(tomas, room);

  await mika.page.getByTestId('attach').setInputFiles(picture('harbour.png', 400, 300));
  await expect(mika.page.locator('.comp-file')).toContainText('harbour.png');
  await say(mika.page, 'The harbour');
  const sent = message(mika.page, 'The harbour');
  await expect(sent.locator('.state')).toHaveAttribute('aria-label', 'Seen by Tomas');
  const got = message(tomas.page, 'The harbour').locator('.att');
  await expect(got.locator('img')).toHaveJSProperty('complete', true);
  const box = await got.boundingBox();
  expect([box?.width, box?.height]).toEqual([400, 300]);

  await mika.page.locator('#composer').focus();
  await mika.page.evaluate(
    (bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
      document
        .querySelector('#composer')
        ?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    },
    [...png(80, 60)],
  );
  await expect(mika.page.locator('.comp-file')).toContainText('pasted.png');
  await mika.page.getByRole('button', { name: 'Send' }).click();
  await expect(tomas.page.locator('.att img')).toHaveCount(2);

  for (const leave of [() => tomas.page.keyboard.press('Escape'), () => tomas.page.goBack()]) {
    await got.getByRole('button').click();
    await expect(tomas.page.locator('.large img')).toBeVisible();
    await leave();
    await expect(tomas.page.locator('.large')).toHaveCount(0);
    await expect(got).toBeVisible();
  }
});

test('one that is dropped stays with the draft, in its room, over a reload, and is sent', async ({ browser }) => {
  const [mika, tomas] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, 'Tomas')]);
  const room = await makeDirect(mika, tomas);
  const other = await makeRoom(mika, 'private', 'Elsewhere', []);
  const { page } = mika;
  const composer = page.locator('#composer');
  await open(mika, room);
  await say(page, 'the east pier');
  await expect(message(page, 'the east pier').locator('.state')).toContainText('Sent');
  const drop = (name: string) =>
    page.locator('main').evaluate(
      (el, file) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([new Uint8Array(file.bytes)], file.name, { type: 'image/png' }));
        for (const kind of ['dragover', 'drop'])
          el.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
      },
      { name, bytes: [...png(80, 60)] },
    );
  await drop('dropped.png');
  await expect(page.locator('.comp-file')).toContainText('dropped.png');
  await drop('regretted.png');
  await page.locator('.comp-one', { hasText: 'regretted' }).getByRole('button', { name: 'Remove picture' }).click();
  await page.locator(`nav [data-room="${other}"]`).click();
  await expect(page.locator('.comp-file')).toHaveCount(0);
  await expect(page.locator(`nav [data-room="${room}"]`)).toContainText('Draft');
  await page.locator(`nav [data-room="${room}"]`).click();
  await expect(page.locator('.comp-file')).toContainText('dropped.png');
  await page.reload();
  await expect(page.locator('.comp-att img')).toBeVisible();

  // A change that was begun is there again, too, and then what it lay over.
  await composer.press('ArrowUp');
  await composer.fill('the west pier');
  await page.reload();
  await expect(composer).toHaveValue('the west pier');
  await composer.press('Enter');
  await expect(message(page, 'the west pier')).toContainText('(edited)');
  await composer.press('Enter');
  await open(tomas, room);
  await expect(tomas.page.locator('article.msg .att img')).toHaveCount(1);
  await expect(page.locator('.comp-file')).toHaveCount(0);
});
