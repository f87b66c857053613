import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** The system's Chromium; without one, Playwright's own must be installed. */
const chromium =
  process.env.DLKIT_CHROMIUM ??
  [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome'
  ].find(path => existsSync(path));

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  // A server, a browser and kernels that compute: one at a time.
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  forbidOnly: Boolean(process.env.CI),
  use: {
    viewport: { width: 1800, height: 1000 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: ['--no-sandbox', '--disable-lcd-text']
    }
  }
});
