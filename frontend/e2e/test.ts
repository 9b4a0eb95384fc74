/** What every spec begins with: `test`, after which nobody's window stays open. */
import { test as base } from '@playwright/test';

export const test = base.extend<{ windows: undefined }>({
  // A window that a spec opened itself would be painted, and recorded, until the last spec has ended.
  windows: [
    async ({ browser }, use) => {
      await use(undefined);
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    { auto: true },
  ],
});
