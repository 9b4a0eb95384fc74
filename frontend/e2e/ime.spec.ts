import { expect } from '@playwright/test';
import { arrive, makeDirect, message, open } from './people';
import { test } from './test';

test('Enter that ends a Japanese composition does not send', async ({ browser }) => {
  const [mika, mori] = await Promise.all([arrive(browser, 'Mika'), arrive(browser, '森 健二')]);
  const room = await makeDirect(mika, mori);
  await open(mika, room);
  const composer = mika.page.locator('#composer');
  await composer.focus();
  const cdp = await mika.page.context().newCDPSession(mika.page);
  await cdp.send('Input.imeSetComposition', { text: 'すこし', selectionStart: 3, selectionEnd: 3 });
  await composer.evaluate((el) => {
    el.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true }),
    );
    el.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true }));
  });
  await cdp.send('Input.insertText', { text: '少し下' });
  await expect(composer).toHaveValue('少し下');
  await expect(mika.page.locator('article.msg .txt')).toHaveCount(0);
  await composer.press('Shift+Enter');
  await composer.pressSequentially('2行目');
  await composer.press('Enter');
  await expect(message(mika.page, '少し下')).toContainText('2行目');
  await expect(composer).toHaveValue('');
});
