import type { Page } from '@playwright/test';
import { expect, Lab, test } from './lab';

test('why a cell failed is in the panel, until it matters no more', async ({
  page,
  server
}) => {
  server.notebook(
    'why.ipynb',
    'import torch\nx, w = torch.ones(8, 3), torch.ones(8, 4)',
    "names = {'<b>x</b>': x}\nout = 1 + names['<b>x</b>'] @ w",
    'x.shape',
    '1 / 0'
  );
  const lab = new Lab(page, server);
  await lab.open('why.ipynb');
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await lab.runCell();
  await expect(lab.line('w')).toBeVisible({ timeout: 80_000 });
  await lab.runCell();
  const card = lab.panel.locator('.jp-dlkit-Explanation');
  await expect(card).toContainText('Line 2 of cell [2]');
  await expect(card.locator('mark')).toHaveText("names['<b>x</b>'] @ w");
  await expect(card).toContainText('out = 1 + names');
  await expect(card).toContainText('(8, 4) float32 on cpu');
  await expect(card.locator('b')).toHaveCount(0);
  await card.getByRole('button', { name: /^Copy/ }).first().click();
  await expect(card).toContainText('Copied.');

  // Another cell is looked at, and it stays; it goes when that cell runs.
  const cells = page.locator('.jp-Notebook .jp-CodeCell');
  await cells.nth(2).locator('.cm-content').click();
  await lab.runCell();
  await lab.kernelIs('idle');
  await expect(card).toBeVisible();
  await cells.nth(1).locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('out = x.T @ w');
  await lab.runCell();
  await expect(card).toHaveCount(0);

  // An error of another kind is not ours to explain.
  await cells.nth(3).locator('.cm-content').click();
  await lab.runCell();
  await expect(cells.nth(3)).toContainText('ZeroDivisionError');
  await expect(card).toHaveCount(0);
});

/** The settings are the server's: other tests find them as they were. */
async function set(page: Page, settings: string): Promise<void> {
  await page.evaluate(async raw => {
    await window.jupyterapp.serviceManager.settings.save(
      'jupyter-dlkit:plugin',
      raw
    );
  }, settings);
}

test('it can be switched off, in the panel and below the traceback', async ({
  page,
  server
}) => {
  server.notebook(
    'off.ipynb',
    'import torch\nx, w = torch.ones(8, 3), torch.ones(8, 4)',
    'x @ w',
    'x @ w'
  );
  const lab = new Lab(page, server);
  await lab.open('off.ipynb');
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await lab.runCell();
  await expect(lab.line('w')).toBeVisible({ timeout: 80_000 });
  await lab.runCell();
  const card = lab.panel.locator('.jp-dlkit-Explanation');
  const outputs = page.locator('.jp-Notebook .jp-Cell-outputArea');
  await expect(card).toBeVisible();
  await expect(outputs.nth(1)).toContainText('dlkit: x @ w failed');

  const told = page.waitForResponse(
    answer =>
      answer.url().includes('/explanation') &&
      answer.request().method() === 'POST'
  );
  await set(page, '{ "explainErrors": false }');
  // The page hears of its own saved settings when it is loaded.
  await page.reload();
  await lab.ready();
  const isOk = (await told).ok();
  await set(page, '{}');
  expect(isOk).toBe(true);
  await expect(card).toHaveCount(0);
  await page
    .locator('.jp-Notebook .jp-CodeCell')
    .nth(2)
    .locator('.cm-content')
    .click();
  await lab.runCell();
  await expect(outputs.nth(2)).toContainText('RuntimeError');
  await lab.kernelIs('idle');
  await expect(outputs.nth(2)).not.toContainText('dlkit');
  await expect(card).toHaveCount(0);
});
