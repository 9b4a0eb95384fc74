/** Browser tests against a real server: the one that `CHAT_TEST_URL` names, or one that is started for them. */
import { defineConfig } from '@playwright/test';

const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  globalSetup: './e2e/shared.config.ts',
  fullyParallel: true,
  workers: 2,
  // A small machine may have other work beside it.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env['CHAT_TEST_URL'] ?? 'http://127.0.0.1:3000',
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    // Traces would take a fifth of the time; `npm run e2e -- --trace retain-on-failure` makes them.
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium', args: ARGS },
  },
});
