import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { expect, Lab, test } from './lab';

const START = `
import torch
größe = torch.ones(8, 3)
w = torch.ones(8, 4)
p, y = torch.ones(8, 1), torch.ones(8)
batch = {'<b>x</b>': torch.ones(2), 'y': torch.ones(3)}
`;

const WRONG = `print('👩‍🔬 ä', größe @ w)
loss = ((p - y) ** 2).mean()
fine = größe * 2`;

const FINE = `fine = größe * 2
unknown = whatever(fine) @ w`;

interface IAxe {
  run(selector: string): Promise<{ violations: { id: string }[] }>;
}

let page: Page;
let lab: Lab;

test.beforeAll(async ({ browser, server }) => {
  server.notebook(
    'cells.ipynb',
    START,
    WRONG,
    FINE,
    "print(\n  'never closed'",
    "batch['<b>x</b>'] + batch['y']"
  );
  page = await browser.newPage();
  lab = new Lab(page, server);
  await lab.open('cells.ipynb');
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await lab.runCell();
  await expect(lab.line('größe')).toBeVisible({ timeout: 80_000 });
});

test.afterAll(async () => {
  await page.close();
});

const cell = (at: number): Locator =>
  page.locator('.jp-Notebook .jp-CodeCell').nth(at);

const source = (at: number): Locator => cell(at).locator('.cm-content');

const notes = (at: number): Locator => cell(at).locator('.jp-dlkit-Notes');

const marks = (at: number): Locator => cell(at).locator('.jp-dlkit-Mark');

/** The cell's text, as it is in the editor. */
const text = async (at: number): Promise<string> =>
  (await source(at).locator('.cm-line').allTextContents()).join('\n');

/** Checks a cell with the key. */
async function check(at: number): Promise<void> {
  await source(at).click({ position: { x: 4, y: 4 } });
  await page.keyboard.press('F8');
  await expect(notes(at)).not.toHaveAttribute('data-state', 'checking');
}

async function leave(at: number): Promise<void> {
  await notes(at).getByRole('button', { name: 'Dismiss' }).click();
  await expect(notes(at)).toHaveCount(0);
}

test('what would fail and what broadcasts silently is marked', async () => {
  await check(1);
  await expect(notes(1)).toContainText('1 operation would fail');
  await expect(notes(1)).toContainText('1 runs, but perhaps not as meant');
  await expect(marks(1).and(page.locator('.jp-mod-error'))).toHaveText(
    'größe @ w'
  );
  await expect(
    marks(1).and(page.locator('.jp-mod-warning')).first()
  ).toContainText('p - y');
  await expect(notes(1).getByRole('listitem').first()).toContainText(
    'Would fail'
  );
  // Nothing of it was run.
  await expect(cell(1).locator('.jp-InputPrompt')).toHaveText('[ ]:');
  await leave(1);
  await expect(marks(1)).toHaveCount(0);
});

test('a mend replaces the sub-expression, in one step that can be undone', async () => {
  await check(1);
  const before = await text(1);
  const mend = notes(1)
    .getByRole('button', { name: /^Replace größe @ w by/ })
    .first();
  const code = await mend.innerText();
  // Typed just before: not undone with the mend.
  await source(1).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('  # typed');
  await expect(notes(1)).toHaveCount(0);
  await page.keyboard.press('F8');
  await mend.click();
  await expect(source(1)).toContainText(code);
  expect(await text(1)).toBe(`${before.replace('größe @ w', code)}  # typed`);
  // It was checked again.
  await expect(notes(1)).toContainText('1 runs, but perhaps not as meant');
  await expect(notes(1)).not.toContainText('would fail');
  await page.keyboard.press('Control+z');
  await expect(source(1)).not.toContainText(code);
  expect(await text(1)).toBe(`${before}  # typed`);
  await page.keyboard.press('Control+z');
  await expect(source(1)).not.toContainText('# typed');
});

test('the same words and mends are where the mouse is', async () => {
  await check(1);
  const tooltip = page.locator('.jp-dlkit-Tooltip');
  // The editor forgets where the mouse is when it draws its lines anew.
  await expect(async () => {
    await page.mouse.move(0, 0);
    await marks(1).and(page.locator('.jp-mod-error')).first().hover();
    await expect(tooltip).toContainText('größe @ w', { timeout: 3000 });
  }).toPass();
  await expect(tooltip).not.toContainText('p - y');
  await tooltip
    .getByRole('button', { name: /^Replace/ })
    .first()
    .click();
  await expect(notes(1)).not.toContainText('would fail');
  await page.keyboard.press('Control+z');
  await expect(source(1)).toContainText('größe @ w');
});

test('all of it can be reached with the keyboard', async () => {
  await check(1);
  await page.keyboard.press('F8');
  await expect(
    notes(1).getByRole('button', { name: 'line 1', exact: true })
  ).toBeFocused();
  await page.keyboard.press('F8');
  await expect(
    notes(1).getByRole('button', { name: 'line 2', exact: true })
  ).toBeFocused();
  await page.keyboard.press('Enter');
  // The sub-expression is selected, and typing goes there.
  await expect(source(1)).toBeFocused();
  await expect
    .poll(() => page.evaluate(() => String(getSelection())))
    .toContain('p - y');
  await page.keyboard.press('F8');
  await page.keyboard.press('Escape');
  await expect(notes(1)).toHaveCount(0);
});

test('nothing found is said calmly, and what is not known is left alone', async () => {
  await check(2);
  await expect(notes(2)).toContainText('Nothing found in this cell.');
  await expect(notes(2)).toContainText('What is not known is left alone.');
  await expect(marks(2)).toHaveCount(0);
});

test('it goes when the source changes, and when a cell is run', async () => {
  await check(2);
  await page.keyboard.type(' ');
  await expect(notes(2)).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await check(2);
  await check(1);
  await expect(notes(2)).toBeVisible();
  await source(0).click();
  await lab.runCell();
  await expect(notes(1)).toHaveCount(0);
  await expect(marks(1)).toHaveCount(0);
  await expect(notes(2)).toHaveCount(0);
});

test('a cell that cannot be parsed is told with its line', async () => {
  await check(3);
  await expect(notes(3)).toContainText(/line 1/i);
  await leave(3);
});

test("the user's names are text, and the menu of a cell has it", async () => {
  await source(4).click({ button: 'right' });
  await page
    .locator('.lm-Menu')
    .getByRole('menuitem', { name: /Check Shapes in This Cell/ })
    .click();
  await expect(notes(4)).toContainText("batch['<b>x</b>'] + batch['y']");
  await expect(notes(4).locator('b')).toHaveCount(0);
  await leave(4);
});

for (const theme of ['Light', 'Dark']) {
  test(`${theme}: axe finds nothing that keeps people out`, async () => {
    await lab.theme(`JupyterLab ${theme}`);
    await check(1);
    await expect(notes(1)).toContainText('would fail');
    await page.addScriptTag({
      content: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
    });
    const { violations } = await page.evaluate(() => {
      const { axe } = window as unknown as { axe: IAxe };
      return axe.run('.jp-dlkit-Notes');
    });
    expect(violations).toEqual([]);
    await leave(1);
  });
}

test('Notebook 7 has it too', async ({ server }) => {
  await page.goto(server.page('notebooks/cells.ipynb'));
  await page.waitForFunction(() => Boolean(window.jupyterapp));
  await source(1).waitFor();
  await lab.kernelIs('idle');
  await check(1);
  await expect(notes(1)).toContainText('1 operation would fail');
  await expect(marks(1).first()).toHaveText('größe @ w');
  await page.goto(server.page('lab/tree/cells.ipynb?reset'));
  await lab.ready();
});

test('without a kernel it says what to do', async () => {
  await lab.execute('kernelmenu:shutdown');
  await check(2);
  await expect(notes(2)).toContainText('has no kernel');
});
