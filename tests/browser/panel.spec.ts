import type { Page } from '@playwright/test';
import { expect, Lab, test } from './lab';

const CELL = `
import numpy as np, torch
from torch import nn
x = torch.rand(64, 3)
w = torch.zeros(3, 3)
row_of_w = w[0]
number = torch.tensor(2.5)
bad = torch.tensor([1.0, float('nan'), float('inf')])
ghost = torch.empty(1000, 1000, device='meta')
array = np.arange(6)
picture = torch.rand(3, 16, 16)
model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
model(x).sum().backward()
things = {'<img src=x onerror="document.title=1">': torch.ones(2)}
`;

let page: Page;
let lab: Lab;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('panel.ipynb', CELL, 'picture = picture * 2; del number');
  page = await browser.newPage();
  lab = new Lab(page, server);
  await lab.open('panel.ipynb');
  await expect(lab.panel.getByText('has no tensors yet')).toBeVisible();
  await lab.runCell();
  await expect(lab.line('x')).toBeVisible({ timeout: 60_000 });
  await expect(lab.line('model')).toBeVisible();
});

test.afterAll(async () => {
  await page.close();
});

test.afterEach(async () => {
  await lab.search.fill('');
  const name = lab.column('name');
  for (;;) {
    const sort = (await name.getAttribute('aria-sort'))!;
    if (sort === 'ascending') {
      break;
    }
    await name.getByRole('button').click();
    await expect(name).not.toHaveAttribute('aria-sort', sort);
  }
});

test('a tensor has its shape, rank, dtype, device and bytes', async () => {
  await expect(lab.line('x').getByRole('gridcell')).toHaveText([
    'x',
    '(64, 3)',
    '2',
    'float32',
    'cpu',
    '768 B'
  ]);
  await expect(lab.line('array').getByRole('gridcell').nth(3)).toHaveText(
    'int64'
  );
});

test('the header says which kernel, that it is idle, and how old this is', async () => {
  const header = lab.panel.locator('.jp-dlkit-Header');
  await expect(header).toContainText('panel.ipynb');
  await expect(header).toContainText('idle');
  await expect(header).toContainText(/\d+ s ago/);
  await expect(lab.notice).toHaveCount(0);
});

test('a view says whose storage it shares', async () => {
  const badge = lab.line('row_of_w').locator('.jp-dlkit-Badge');
  await expect(badge).toHaveText('view');
  await badge.hover();
  await expect(badge).toHaveAttribute('title', /Shares its storage with w\./);
});

test('a module folds into one line with totals, gradients too', async () => {
  const model = lab.line('model');
  await expect(model).toHaveAttribute('aria-expanded', 'false');
  await expect(model).toContainText('8 tensors');
  await model.click();
  await expect(model).toHaveAttribute('aria-expanded', 'true');
  await expect(lab.line('[0].weight').first()).toHaveAttribute(
    'aria-level',
    '2'
  );
  await model.click();
  await expect(lab.line('[0].weight')).toHaveCount(0);
});

test('a click on a column sorts by it, a second one turns the order', async () => {
  const bytes = lab.column('bytes');
  await bytes.getByRole('button').click();
  await expect(bytes).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(async () => (await lab.names())[0]).toBe('ghost');
  await bytes.getByRole('button').click();
  await expect(bytes).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(async () => (await lab.names()).at(-1)).toBe('ghost');
});

test('the search is live and literal', async () => {
  await lab.search.fill('bad');
  await expect.poll(() => lab.names()).toEqual(['bad']);
  await expect(lab.totals).toContainText('1 of');
  await lab.search.fill('.*');
  await expect(lab.panel.getByText(/None of the \d+ tensors/)).toBeVisible();
  await lab.panel.getByRole('button', { name: 'Show all' }).click();
  await expect(lab.line('x')).toBeVisible();
});

test('only the tensors of one device can be shown', async () => {
  const filter = lab.panel.getByLabel('Only tensors on this device');
  await filter.selectOption('meta');
  await expect.poll(() => lab.names()).toEqual(['ghost']);
  await filter.selectOption('');
  await expect(lab.line('x')).toBeVisible();
});

test('everything can be reached with the keyboard', async () => {
  await lab.execute('dlkit:search');
  await expect(lab.search).toBeFocused();
  await lab.grid.focus();
  await page.keyboard.press('Home');
  const active = lab.grid.locator('[data-active]');
  await expect(active).toContainText('array');
  const activeId = await active.getAttribute('id');
  await expect(lab.grid).toHaveAttribute('aria-activedescendant', activeId!);
  await page.keyboard.press('End');
  await expect(active).toContainText('x');
  await lab.line('model').click();
  await page.keyboard.press('ArrowRight');
  await expect(active).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('ArrowLeft');
  await expect(active).toContainText('model');
  await page.keyboard.press('ArrowLeft');
  await expect(active).toHaveAttribute('aria-expanded', 'false');
  // Two keys in one frame: the second one is about the line that the first went to.
  await page.evaluate(async () => {
    for (const key of ['ArrowUp', 'Enter']) {
      document.activeElement!.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
      );
      await Promise.resolve();
    }
  });
  const detail = lab.panel.locator('[data-section="detail"]');
  await expect(detail).toBeFocused();
  await expect(detail.locator('code').first()).toHaveText('ghost');
});

test('a key in the same frame as a click is about the clicked line', async () => {
  await lab.grid.focus();
  await page.keyboard.press('End');
  const active = lab.grid.locator('[data-active]');
  await expect(active).toContainText('x');
  await lab.line('model').evaluate(async row => {
    (row as HTMLElement).click();
    await Promise.resolve();
    row
      .closest('[role="treegrid"]')!
      .dispatchEvent(
        new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true })
      );
  });
  await expect(active).toHaveAttribute('aria-level', '2');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(lab.line('model')).toHaveAttribute('aria-expanded', 'false');
});

test('the values of a small tensor are one click away', async () => {
  await lab.line('bad').click();
  const detail = lab.panel.locator('.jp-dlkit-Detail');
  await expect(detail).toContainText('(3,) · 3 elements');
  await expect(detail.getByRole('table')).toHaveCount(0);
  await detail.getByRole('button', { name: 'Values' }).click();
  await expect(detail.getByRole('cell')).toHaveText(['1', 'nan', 'inf']);
  await detail.getByRole('button', { name: 'Statistics' }).click();
  await expect(detail.locator('[data-bad]')).toHaveText(['NaN1', 'Inf1']);
  await expect(detail.getByRole('img', { name: /^Histogram/ })).toBeVisible();
});

test('a slice is shown as typed, and a wrong one is explained', async () => {
  await lab.line('x').click();
  const detail = lab.panel.locator('.jp-dlkit-Detail');
  const slice = detail.getByLabel(/^Slice/);
  await slice.fill('60:, 0');
  await slice.press('Enter');
  await expect(detail.getByRole('cell')).toHaveCount(4);
  await slice.fill('__import__("os")');
  await slice.press('Enter');
  await expect(detail.getByRole('alert')).toBeVisible();
});

test('a tensor with the shape of an image can be seen', async () => {
  await lab.line('picture').click();
  const detail = lab.panel.locator('.jp-dlkit-Detail');
  await detail.getByRole('button', { name: 'Image' }).click();
  const image = detail.getByRole('img', { name: /as an image/ });
  await expect(image).toBeVisible();
  await expect
    .poll(() => image.evaluate((node: HTMLImageElement) => node.naturalWidth))
    .toBeGreaterThan(0);
});

test('names are text, whatever is in them', async () => {
  await lab.search.fill('onerror');
  await expect(lab.line('things')).toBeVisible();
  const row = lab.grid.locator('[aria-level="2"]');
  await expect(row).toContainText('<img src=x');
  await row.click();
  await expect(lab.panel.locator('.jp-dlkit-Detail-name')).toContainText(
    '<img src=x'
  );
  await expect(lab.panel.locator('img[src="x"]')).toHaveCount(0);
  expect(await page.title()).not.toBe('1');
});

test('an expression is copied from the context menu', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.line('row_of_w').click({ button: 'right' });
  await page.getByRole('menuitem', { name: /^Copy Expression/ }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe('row_of_w');
});

test('the host is shown, and why there is no accelerator', async () => {
  const devices = lab.panel.locator('[data-section="devices"]');
  await expect(devices).toContainText('CPU and RAM');
  await expect(devices.locator('li[data-part="tensors"]')).toContainText('B');
  await devices.getByRole('button', { name: /CPU and RAM/ }).click();
  await expect(devices.locator('.uplot')).toBeVisible();
  await devices.getByRole('button', { name: /CPU and RAM/ }).click();
  await expect(devices.locator('.uplot')).toHaveCount(0);
});

test('in a narrow panel columns give way, and come back', async () => {
  const columns = lab.grid.getByRole('columnheader');
  await expect(columns).toHaveCount(6);
  await lab.drag(250);
  await expect(columns).toHaveText(['name', 'shape', 'bytes']);
  expect((await lab.panel.boundingBox())!.width).toBeLessThan(270);
  await lab.drag(420);
  await expect(columns).toHaveCount(6);
});

test('every term is explained', async () => {
  for (const column of ['name', 'shape', 'rank', 'dtype', 'device', 'bytes']) {
    const title = await lab
      .column(column)
      .getByRole('button')
      .getAttribute('title');
    expect(title!.length).toBeGreaterThan(40);
  }
  await lab.line('x').click();
  for (const term of await lab.panel.locator('.jp-dlkit-Field dt').all()) {
    expect((await term.getAttribute('title'))!.length).toBeGreaterThan(20);
  }
});

test('the status bar has what the tensors take', async () => {
  await expect(page.locator('.jp-dlkit-Status')).toContainText(
    /Tensors: cpu [\d.]+ KiB/
  );
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`${theme}: axe finds nothing that keeps people out`, async () => {
    await lab.theme(theme);
    await lab.line('x').click();
    expect(await lab.axe('.jp-dlkit-Panel')).toEqual([]);
  });
}

test('what is gone or new shows without being asked', async () => {
  await lab.line('number').click();
  await lab.runCell();
  await expect(lab.line('number')).toHaveCount(0);
  await expect(lab.panel.locator('.jp-dlkit-Detail')).toContainText(
    'This tensor is gone'
  );
});
