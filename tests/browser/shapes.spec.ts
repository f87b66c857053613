import type { Locator, Page } from '@playwright/test';
import { expect, Lab, test } from './lab';

const START = `
import torch
prediction = torch.zeros(8, 1)
target = torch.zeros(8)
x = torch.zeros(5, 2, 3)
w = torch.zeros(3, 4)
b = torch.zeros(5)
`;

const MENDED = 'prediction = prediction.squeeze(-1)';

let page: Page;
let lab: Lab;
let shapes: Locator;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('shapes.ipynb', START, MENDED);
  page = await browser.newPage();
  lab = new Lab(page, server);
  shapes = lab.panel.locator('[data-section="shapes"]');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.open('shapes.ipynb');
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await lab.runCell();
  await expect(lab.line('x')).toBeVisible({ timeout: 80_000 });
  await lab.execute('dlkit:check-shapes', { expressions: [] });
});

test.afterAll(async () => {
  await page.close();
});

const operand = (index: number): Locator =>
  shapes.locator('.jp-dlkit-Question-operand input').nth(index);

/** Checks an operation on what is typed for its operands. */
async function check(operation: string, ...typed: string[]): Promise<void> {
  await shapes.getByRole('radio', { name: 'Operation' }).check();
  await shapes
    .getByRole('combobox', { name: 'Operation' })
    .selectOption(operation);
  for (const [i, text] of typed.entries()) {
    await operand(i).fill(text);
  }
}

/** What a screen reader says of a row of the picture, size by size. */
async function aloud(name: string): Promise<string[]> {
  return shapes
    .getByRole('row', { name: new RegExp(`^${name}`) })
    .getByRole('cell')
    .locator('.jp-dlkit-Aloud')
    .allTextContents();
}

test('it opens by a command, ready to type', async () => {
  await lab.grid.focus();
  await lab.execute('dlkit:check-shapes', { expressions: [] });
  await expect(shapes).toBeVisible();
  await expect(shapes.locator('input').first()).toBeFocused();
});

test('shapes that are typed are aligned at the last dimension', async () => {
  await check('add', '(8, 1, 6, 1)', '(7, 1, 5)');
  await expect(shapes).toContainText('(8, 7, 6, 5) float32 on cpu, 6.56 KiB');
  expect(await aloud('input')).toEqual([
    '8',
    '1, stretched to 7',
    '6',
    '1, stretched to 5'
  ]);
  expect(await aloud('other')).toEqual([
    'no such dimension, becomes 8',
    '7',
    '1, stretched to 6',
    '5'
  ]);
  await expect(
    shapes.getByRole('row', { name: 'result' }).getByRole('cell')
  ).toHaveText(['8', '7', '6', '5']);
});

test('what does not fit is shown where, and no mend is made up', async () => {
  await check('add', '(2, 2)', '(3, 3)');
  await expect(shapes).toContainText('It would fail.');
  await expect(shapes).toContainText(/last dimension/);
  await expect(shapes.locator('td[data-part="clash"]').first()).toContainText(
    '2✕'
  );
  await expect(shapes.getByText('What would work')).toHaveCount(0);
  await check('add', '(1, 3)', '(3, 3)');
  await expect(shapes).toContainText('It works. (3, 3)');
  await check('add', '(3, 3)', '()');
  await expect(shapes).toContainText('It works. (3, 3)');
});

test('what fits nowhere is said', async () => {
  await check('add', '(1000000, 10000000)', '2.5');
  await expect(shapes).toContainText(/more than the .* that are free on cpu/);
});

test('lines of the table are brought to it, and a trap is told', async () => {
  await shapes
    .getByRole('combobox', { name: 'Operation' })
    .selectOption('mse_loss');
  await lab.line('prediction').click();
  await lab.line('target').click({ modifiers: ['Control'] });
  await lab.panel
    .locator('.jp-dlkit-Foot')
    .getByRole('button', { name: 'Check' })
    .click();
  await expect(operand(0)).toHaveValue('prediction');
  await expect(operand(1)).toHaveValue('target');
  await expect(shapes).toContainText('It runs, but look.');
  await expect(shapes.locator('.jp-dlkit-Notice')).toContainText('(8, 8)');
});

test('the same from the keyboard', async () => {
  await operand(0).fill('');
  await lab.line('prediction').click();
  await lab.grid.press('c');
  await expect(operand(0)).toHaveValue('prediction');
  await expect(shapes.locator('input').first()).toBeFocused();
});

test('a mend is copied, and inserted as a cell', async () => {
  await shapes
    .getByRole('button', { name: 'Copy prediction.squeeze(-1)' })
    .click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe('prediction.squeeze(-1)');
  await shapes
    .getByRole('button', { name: 'Insert prediction.squeeze(-1) as cell' })
    .click();
  await expect(page.locator('.jp-Notebook .jp-mod-active')).toContainText(
    'prediction.squeeze(-1)'
  );
  await lab.execute('notebook:delete-cell');
});

test('the answer follows the tensors', async () => {
  await page.locator('.jp-Notebook .jp-Cell').nth(1).click();
  await lab.runCell();
  await expect(shapes).toContainText('It works. () float32');
  await expect(shapes.locator('.jp-dlkit-Notice')).toHaveCount(0);
});

test('an expression is checked step by step, before it is run', async () => {
  await shapes.getByRole('radio', { name: 'Expression' }).check();
  const source = shapes.getByRole('textbox', { name: 'Expression' });
  await source.fill('x @ w + b');
  await expect(shapes).toContainText('It would fail.');
  const steps = shapes.locator('.jp-dlkit-Steps > li');
  await expect(steps).toHaveCount(2);
  await expect(steps.nth(0)).toContainText('x @ w (5, 2, 4)');
  await expect(steps.nth(1).getByRole('table')).toBeVisible();
  // Typed in its middle: the cursor stays where it is.
  await source.press('End');
  await source.press('ArrowLeft');
  await source.pressSequentially('w[0] + ');
  await expect(source).toHaveValue('x @ w + w[0] + b');
  await source.fill('x @ w + w[0]');
  await expect(shapes).toContainText('It works. (5, 2, 4)');
});

test('what cannot be checked gets a sentence', async () => {
  const source = shapes.getByRole('textbox', { name: 'Expression' });
  await source.fill('x @ (w');
  await expect(shapes.locator('.jp-dlkit-Notice')).toContainText(
    'cannot be parsed'
  );
  await check('add', 'nowhere', '(3,)');
  await expect(shapes.locator('.jp-dlkit-Notice')).toContainText('nowhere');
});

test('a line is dragged from the table', async () => {
  await check('matmul', '', '(3, 4)');
  await lab.line('x').dragTo(operand(0));
  await expect(operand(0)).toHaveValue('x');
  await expect(shapes).toContainText('It works. (5, 2, 4)');
});

test('in the narrowest panel all of it can be read', async () => {
  await check('add', '(8, 1, 6, 1)', '(7, 1, 5)');
  await lab.drag(250);
  await expect(shapes).toContainText('(8, 7, 6, 5)');
  for (const part of [shapes, shapes.locator('.jp-dlkit-Picture')]) {
    await expect
      .poll(() => part.evaluate(one => one.scrollWidth - one.clientWidth))
      .toBe(0);
  }
  await lab.drag(420);
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`${theme}: axe finds nothing in an answer`, async () => {
    await lab.theme(theme);
    await check('add', 'prediction', '(8, 3, 2)');
    await expect(shapes).toContainText('It would fail.');
    expect(await lab.axe('[data-section="shapes"]')).toEqual([]);
    await check('add', '(8, 1)', '(8,)');
    await expect(shapes).toContainText('It runs, but look.');
    expect(await lab.axe('[data-section="shapes"]')).toEqual([]);
  });
}
