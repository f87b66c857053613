// Drives the browser for docs/pictures.py: node pictures.mjs URL TOKEN FOLDER

import { createRequire } from 'node:module';

const { chromium } = createRequire(import.meta.url)('@playwright/test');
const [url, token, folder] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: process.env.DLKIT_CHROMIUM || undefined,
  args: ['--no-sandbox', '--disable-lcd-text']
});

/** Waits until a row of the panel says what it should. */
async function shows(page, text) {
  await page
    .locator('#jupyter-dlkit-panel')
    .getByText(text)
    .first()
    .waitFor({ timeout: 60000 });
}

async function run(page, cell) {
  await page.locator('.jp-Notebook .jp-CodeCell').nth(cell).click();
  await page.keyboard.press('Shift+Enter');
}

for (const theme of ['light', 'dark']) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 860 },
    deviceScaleFactor: 1.5
  });
  const name = theme === 'dark' ? 'JupyterLab Dark' : 'JupyterLab Light';
  await page.request.put(
    `${url}lab/api/settings/@jupyterlab/apputils-extension:themes`,
    {
      headers: { Authorization: `token ${token}` },
      data: { raw: JSON.stringify({ theme: name }) }
    }
  );
  await page.goto(`${url}lab/workspaces/${theme}/tree/training.ipynb?token=${token}`);
  await page.locator('.jp-Notebook .jp-CodeCell').nth(2).waitFor({ timeout: 90000 });
  await page.locator('#jupyter-dlkit-panel').waitFor();
  await page.getByText('Idle').first().waitFor({ timeout: 60000 });
  for (const cell of [0, 1, 2]) {
    await run(page, cell);
  }
  await shows(page, 'optimizer');
  await shows(page, /busy/i);
  await page.waitForTimeout(12000); // a stretch of the sparklines
  await page.screenshot({ path: `${folder}/lab-${theme}.png` });
  await page.keyboard.press('Escape');
  await page.keyboard.press('i');
  await page.keyboard.press('i');
  await page.close();
}
await browser.close();
