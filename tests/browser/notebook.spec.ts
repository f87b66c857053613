import { expect, test } from './lab';

test('Notebook 7 has the same panel', async ({ page, server }) => {
  server.notebook('seven.ipynb', 'import numpy as np; seven = np.zeros(7)');
  await page.goto(server.page('notebooks/seven.ipynb'));
  await page.waitForFunction(() => Boolean(window.jupyterapp));
  await page.locator('.jp-NotebookPanel .jp-Cell').first().waitFor();
  await page.getByRole('menuitem', { name: 'View', exact: true }).click();
  await page.getByRole('menuitem', { name: /Show DL Kit Panel/ }).click();
  const panel = page.locator('.jp-dlkit-Panel');
  await expect(panel).toBeVisible();
  await expect(panel.locator('.jp-dlkit-Header')).toContainText('seven');
  await expect
    .poll(() =>
      panel.evaluate(node => node.getBoundingClientRect().right - innerWidth)
    )
    .toBeLessThanOrEqual(0);
  await expect(panel).toContainText('CPU and RAM');
  await expect(panel.getByText('has no tensors yet')).toBeVisible();
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute(
      'notebook:run-cell-and-select-next'
    );
  });
  await expect(panel.getByRole('treegrid')).toContainText('seven');
});
