// covers: F21
import { expect } from '@playwright/test';
import { arrive, makeDirect, message, open, say } from './people';
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

  await got.getByRole('button').click();
  await expect(tomas.page.locator('.large img')).toBeVisible();
  await tomas.page.keyboard.press('Escape');
  await expect(tomas.page.locator('.large')).toHaveCount(0);
});
