// Drives the browser for docs/pictures.py: node pictures.mjs URL TOKEN FOLDER NAME…

import { createRequire } from 'node:module';

const { chromium } = createRequire(import.meta.url)('@playwright/test');
const [url, token, folder, ...names] = process.argv.slice(2);
const PANEL = '#jupyter-dlkit-panel';
const PATIENCE = 90000;

const browser = await chromium.launch({
  executablePath: process.env.DLKIT_CHROMIUM || undefined,
  args: ['--no-sandbox', '--disable-lcd-text']
});

/** The theme that a picture's name asks for. */
async function dress(page, name) {
  const theme = name.endsWith('dark') ? 'JupyterLab Dark' : 'JupyterLab Light';
  await page.request.put(
    `${url}lab/api/settings/@jupyterlab/apputils-extension:themes`,
    {
      headers: { Authorization: `token ${token}` },
      data: { raw: JSON.stringify({ theme }) }
    }
  );
}

/** JupyterLab with the notebook, its first `cells` cells sent to the kernel. */
async function open(name, cells) {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 940 },
    deviceScaleFactor: 1.5
  });
  page.setDefaultTimeout(PATIENCE);
  await dress(page, name);
  await page.goto(
    `${url}lab/workspaces/${name}/tree/training.ipynb?token=${token}`
  );
  await page.locator('.jp-Notebook .jp-CodeCell').nth(2).waitFor();
  await page.locator(PANEL).waitFor();
  await page
    .getByText('Kernel status: Idle')
    .first()
    .waitFor({ state: 'attached' });
  for (let cell = 0; cell < cells; cell++) {
    await page.locator('.jp-Notebook .jp-CodeCell').nth(cell).click();
    await page.keyboard.press('Shift+Enter');
  }
  await row(page, 'scores')
    .waitFor()
    .catch(async error => {
      await page.screenshot({ path: `${folder}/failed.png` });
      throw error;
    });
  return page;
}

/** The row of the panel's table that has this name. */
function row(page, name) {
  return page
    .locator(`${PANEL} [role="row"]`)
    .filter({ has: page.getByText(name, { exact: true }) })
    .first();
}

/** Opens or closes a section of the panel, if it is not so already. */
async function fold(page, section, open) {
  const title = page
    .locator(`${PANEL} [aria-expanded]`)
    .filter({ has: page.getByText(section, { exact: true }) })
    .first();
  if ((await title.getAttribute('aria-expanded')) !== String(open)) {
    await title.click();
  }
}

/** A stretch of the sparklines, and the last list of a kernel that is busy. */
async function settle(page) {
  await page.waitForTimeout(12000);
}

/** The section in which shapes are checked, with a loss that runs and is wrong. */
async function shapes(page) {
  await row(page, 'scores').click();
  await page.keyboard.press('c');
  await fold(page, 'Devices', false);
  await fold(page, 'Detail', false);
  const section = page.locator(`${PANEL} [data-section="shapes"]`);
  await section
    .getByRole('combobox', { name: 'Operation' })
    .selectOption('mse_loss');
  const operands = section.locator('.jp-dlkit-Question-operand input');
  await operands.nth(0).fill('(64, 1)');
  await operands.nth(1).fill('(64,)');
  await section.getByText('It runs, but look.').waitFor();
}

/** What is said before the model goes to another device. */
async function move(page) {
  await row(page, 'model').hover();
  await row(page, 'model').locator('.jp-dlkit-Row-move').click();
  await page
    .locator('.lm-Menu')
    .getByRole('menuitem', { name: /^toy:0/ })
    .click();
  await page
    .locator(`${PANEL} [data-section="changes"]`)
    .getByRole('button', { name: 'Move', exact: true })
    .waitFor();
}

/** Who has the memory, after a loop that kept its graphs. */
async function memory(page) {
  for (const other of ['Devices', 'Tensors', 'Detail', 'Shapes', 'Doctor']) {
    await fold(page, other, false);
  }
  await fold(page, 'Memory', true);
  const section = page.locator(`${PANEL} [data-section="memory"]`);
  await section.getByText(/total keeps the graph/).waitFor();
  await section.getByRole('button', { name: /owners on toy:0$/ }).click();
  await section.getByRole('button', { name: 'Map' }).click();
}

/** What magics show, each below its cell. */
async function magics(name) {
  const page = await browser.newPage({
    viewport: { width: 1000, height: 1180 },
    deviceScaleFactor: 1.5
  });
  page.setDefaultTimeout(PATIENCE);
  await dress(page, name);
  // A kernel of its own for each picture.
  const headers = { Authorization: `token ${token}` };
  const running = await page.request.get(`${url}api/sessions`, { headers });
  for (const session of await running.json()) {
    await page.request.delete(`${url}api/sessions/${session.id}`, { headers });
  }
  await page.goto(
    `${url}lab/workspaces/${name}/tree/magics.ipynb?token=${token}`
  );
  const cells = page.locator('.jp-Notebook .jp-CodeCell');
  await cells.nth(3).waitFor();
  await page
    .getByText('Kernel status: Idle')
    .first()
    .waitFor({ state: 'attached' });
  for (const side of ['Left', 'Right']) {
    const bar = page.locator(`#jp-${side.toLowerCase()}-stack`);
    if (await bar.isVisible()) {
      await page.keyboard.press(side === 'Left' ? 'Control+b' : 'Control+j');
      await bar.waitFor({ state: 'hidden' });
    }
  }
  // A kernel is said to be idle for a moment before it starts.
  await page.waitForTimeout(3000);
  for (let cell = 0; cell < 4; cell++) {
    const prompt = cells.nth(cell).locator('.jp-InputPrompt');
    await cells.nth(cell).click();
    await page.keyboard.press('Shift+Enter');
    await prompt.getByText(`[${cell + 1}]:`, { exact: true }).waitFor();
    // What holds memory of the devices is known a second after it began.
    await page.waitForTimeout(3000);
  }
  if (await page.locator('.jp-Notebook [data-mime-type*="stderr"]').count()) {
    throw new Error('A magic failed.');
  }
  await cells.nth(0).click();
  await page.locator('.jp-Notebook').screenshot({ path: `${folder}/${name}.png` });
  await page.close();
}

/** Pictures of the panel alone, of a kernel that has run so many cells. */
const alone = {
  devices: [2, settle],
  shapes: [2, shapes],
  move: [2, move],
  memory: [3, memory]
};

for (const name of names) {
  if (name.startsWith('magics')) {
    await magics(name);
    continue;
  }
  if (name in alone) {
    const [cells, arrange] = alone[name];
    const page = await open(name, cells);
    await arrange(page);
    await page.locator(PANEL).screenshot({ path: `${folder}/${name}.png` });
    await page.close();
    continue;
  }
  const page = await open(name, 3);
  await page.locator(PANEL).getByText('busy').first().waitFor();
  await row(page, 'scores').click();
  await fold(page, 'Detail', true);
  await page
    .locator(PANEL)
    .getByRole('button', { name: 'Values', exact: true })
    .click();
  await settle(page);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.locator('.jp-Notebook .jp-CodeCell').nth(2).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('i');
  await page.keyboard.press('i');
  await page
    .getByText('Kernel status: Idle')
    .first()
    .waitFor({ state: 'attached' });
  await page.close();
}
await browser.close();
