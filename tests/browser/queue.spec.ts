import type { Page } from '@playwright/test';
import { expect, Lab, test } from './lab';
import { goOn, LONG, Moving, SECOND_DEVICE } from './moving';

const START = `${SECOND_DEVICE}
spare = torch.ones(4)
doomed = torch.zeros(1000)
`;

let page: Page;
let lab: Lab;
let moving: Moving;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('queue.ipynb', START, LONG);
  page = await browser.newPage();
  lab = new Lab(page, server);
  moving = new Moving(lab);
  await moving.open('queue.ipynb', 'spare');
});

test.afterAll(async () => {
  await page.close();
});

test.beforeEach(async () => {
  await page.locator('.jp-Notebook .jp-Cell').nth(1).click();
  await lab.kernelIs('idle');
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('notebook:run-cell');
  });
  await lab.kernelIs('busy');
});

const QUEUED = 'Queued behind the running cell: spare to toy:0.';

test('a move waits for the running cell', async ({ server }) => {
  await moving.andConfirm('spare', 'toy:0', QUEUED);
  await expect(moving.device('spare')).toHaveText('cpu');
  goOn(server);
  await expect(moving.changes).toContainText('Moved spare');
  await expect(moving.device('spare')).toHaveText('toy:0');
  await moving.press('Undo');
  await expect(moving.changes).toContainText('Put spare back on cpu.');
  await moving.press('Dismiss');
});

test('a move that waits is cancelled, and nothing moves', async ({
  server
}) => {
  await moving.andConfirm('spare', 'toy:0', QUEUED);
  await moving.changes.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(moving.changes).toContainText('spare did not move');
  await expect(lab.grid).toBeFocused();
  goOn(server);
  await lab.kernelIs('idle');
  await lab.execute('dlkit:refresh');
  await expect(moving.device('spare')).toHaveText('cpu');
  await moving.press('Dismiss');
});

test('a deletion that waits is cancelled, and the name stays', async ({
  server
}) => {
  await lab.line('doomed').click();
  await lab.grid.press('Delete');
  await expect(moving.changes).toContainText('Delete doomed?');
  await moving.press('Delete');
  await expect(moving.changes).toContainText(
    'Queued behind the running cell: deleting doomed.'
  );
  await moving.press('Cancel');
  await expect(moving.changes).toContainText('doomed is still there');
  goOn(server);
  await lab.kernelIs('idle');
  await lab.execute('dlkit:refresh');
  await expect(lab.line('doomed')).toBeVisible();
  await moving.press('Dismiss');
});

test('a restart fails what waits, in words', async () => {
  await moving.andConfirm('spare', 'toy:0', QUEUED);
  await lab.restartKernel();
  await expect(moving.changes).toContainText('spare did not move.');
  await expect(moving.changes).toContainText(
    // The page sees it, and the server tells it: whoever is first.
    /The kernel (was stopped or )?restarted before/
  );
  await moving.press('Dismiss');
  await expect(moving.changes).toHaveText('');
});
