import type { Page } from '@playwright/test';
import { expect, Lab, test } from './lab';
import { Moving, SECOND_DEVICE } from './moving';

const START = `${SECOND_DEVICE}
weights = torch.arange(6.0)
same = weights
net = torch.nn.Linear(8, 8)
`;

let page: Page;
let lab: Lab;
let moving: Moving;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('code.ipynb', START);
  page = await browser.newPage();
  lab = new Lab(page, server);
  moving = new Moving(lab);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await moving.open('code.ipynb', 'weights');
});

test.afterAll(async () => {
  await page.close();
});

// A module has its own .to(); of a tensor with another name only dlkit.move is the same.
for (const [name, has] of [
  ['net', "net.to('toy:0')"],
  ['weights', 'dlkit.move']
]) {
  test(`the move of ${name} is a cell that does the same`, async () => {
    const { changes } = moving;
    await moving.to(name, 'toy:0');
    await expect(changes).toContainText(`Move ${name} to toy:0`);
    await moving.press('Copy as code');
    await expect(changes).toContainText('Copied.');
    const code = await page.evaluate(() => navigator.clipboard.readText());
    expect(code).toContain(has);
    await moving.press('Insert as cell');
    await expect(changes).toContainText('Inserted below the active cell.');
    await moving.press('Cancel');
    const cell = page.locator('.jp-Notebook .jp-mod-active');
    await expect(cell.locator('.cm-line')).toHaveText(code.split('\n'));
    await expect(moving.device(name)).toHaveText('cpu');
    await lab.runCell();
    await expect(moving.device(name)).toHaveText('toy:0');
    await expect(
      page.locator('.jp-OutputArea-output[data-mime-type*="stderr"]')
    ).toHaveCount(0);
  });
}

test('the inserted cells left one tensor under both names', async () => {
  await lab.line('weights').click();
  await expect(
    lab.panel.locator('.jp-dlkit-Field', { hasText: 'aliases' })
  ).toContainText('same');
});
