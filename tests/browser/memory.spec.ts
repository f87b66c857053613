import type { Locator, Page } from '@playwright/test';
import { expect, Lab, test } from './lab';
import { goOn, LONG, SECOND_DEVICE } from './moving';

const START = `${SECOND_DEVICE}
import tests.second_device as second_device
net = torch.nn.Sequential(torch.nn.Linear(256, 1024), torch.nn.Linear(1024, 256)).to('toy')
optimizer = torch.optim.Adam(net.parameters())
loss = net(torch.randn(64, 256, device='toy')).square().mean()
loss.backward(retain_graph=True)
optimizer.step()
`;
const OUTPUT = 'torch.ones(1024, 1024, device="toy")';
const TOO_MUCH = `
second_device.limit(0, second_device.allocated(0) + 3 * 2**20)
def step():
    activations = torch.ones(512, 1024, device="toy")
    return torch.ones(4096, 1024, device="toy")
step()
`;

let page: Page;
let lab: Lab;
/** The Memory section. */
let section: Locator;
/** What is told below the sections of releases. */
let told: Locator;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('memory.ipynb', START, OUTPUT, LONG, OUTPUT, TOO_MUCH);
  page = await browser.newPage();
  lab = new Lab(page, server);
  section = lab.panel.locator('[data-section="memory"]');
  told = lab.panel.locator('[data-section="releases"]');
  await lab.open('memory.ipynb');
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await run(0);
  await expect(lab.line('net')).toBeVisible({ timeout: 80_000 });
  await lab.execute('dlkit:show-memory');
  await expect(block('toy:0')).toBeVisible({ timeout: 40_000 });
});

test.afterAll(async () => {
  await page.close();
});

function cell(number: number): Locator {
  return page.locator('.jp-Notebook .jp-CodeCell').nth(number);
}

/** Runs one cell of the notebook; does not wait for it. */
async function run(number: number): Promise<void> {
  await lab.kernelIs('idle');
  await cell(number).locator('.cm-content').click();
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('notebook:run-cell');
  });
}

/** What is said of a device. */
function block(device: string): Locator {
  return section.getByRole('region', { name: device });
}

/** Shows all that is on the device. */
async function unfold(): Promise<void> {
  const more = block('toy:0').getByRole('button', { name: /toy:0$/ });
  const switches = block('toy:0').getByRole('button', { name: 'Map' });
  await expect(more.or(switches).first()).toBeVisible();
  if ((await switches.count()) === 0) {
    await more.click();
  }
}

function row(name: string, what: string): Locator {
  return block('toy:0')
    .getByRole('row')
    .filter({ has: page.getByText(name, { exact: true }) })
    .filter({ has: page.getByText(what, { exact: true }) });
}

test('every owner is in the tree, and what is chosen is explained', async () => {
  const device = block('toy:0');
  await expect(device).toContainText('of 8 GiB');
  // Before anybody asks, a total and the three largest.
  await expect(device.getByRole('listitem')).toHaveCount(3);
  await expect(device.getByRole('treegrid')).toHaveCount(0);
  await unfold();
  const tree = device.getByRole('treegrid');
  await expect(row('optimizer', 'optimizer state')).toBeVisible();
  await expect(row('net', 'parameters')).toBeVisible();
  await expect(row('net', 'gradients')).toBeVisible();
  await expect(row('loss', 'activations')).toBeVisible();
  await row('net', 'parameters').click();
  await expect(row('net', 'parameters')).toHaveAttribute(
    'aria-expanded',
    'true'
  );
  await tree.press('ArrowRight');
  await expect(tree.getByRole('row', { selected: true })).toContainText('[0]');
  await tree.press('ArrowLeft');
  await expect(tree.getByRole('row', { selected: true })).toContainText('net');
  await expect(device).toContainText('Parameters of a module');
  await expect(
    device.getByRole('definition').filter({ hasText: /^0 B$/ })
  ).toBeVisible();
});

test('the map shows the same, from the keyboard too', async () => {
  const device = block('toy:0');
  await unfold();
  await device.getByRole('button', { name: 'Map', exact: true }).click();
  const map = device.getByRole('listbox');
  const chosen = map.getByRole('option', { selected: true });
  await map.press('Home');
  await expect(chosen).toHaveAttribute(
    'aria-label',
    /^optimizer, optimizer state: .* MiB, \d+ %$/
  );
  await map.press('Enter');
  await expect(
    device.getByRole('button', { name: 'Out of optimizer' })
  ).toBeVisible();
  await map.press('Escape');
  await expect(
    map.getByRole('option', { name: /^loss, activations/ })
  ).toBeVisible();
  // Once the map has the width that is left to it, no area is outside of it.
  await expect
    .poll(() =>
      map.evaluate(
        space =>
          Array.from(
            space.querySelectorAll<HTMLElement>('[role="option"]')
          ).filter(
            ({ offsetLeft, offsetTop, offsetWidth, offsetHeight }) =>
              offsetLeft < 0 ||
              offsetTop < 0 ||
              offsetLeft + offsetWidth > space.clientWidth + 3 ||
              offsetTop + offsetHeight > space.clientHeight + 3
          ).length
      )
    )
    .toBe(0);
});

test('an output is released, after it was said what would go', async () => {
  await run(1);
  const fold = section.locator('summary', { hasText: 'Can be released' });
  await expect(fold).toContainText('4 MiB', { timeout: 40_000 });
  await fold.click();
  const outputs = section
    .getByRole('listitem')
    .filter({ has: page.getByText('all outputs', { exact: true }) });
  await outputs.getByRole('button', { name: 'What would go?' }).click();
  await expect(outputs).toContainText('4 MiB on toy:0 would be free again');
  await outputs.getByRole('button', { name: 'Release outputs' }).click();
  await expect(told).toContainText('4 MiB on toy:0 are free again.');
  await expect(told).toContainText(/toy:0 .* MiB → .* MiB/);
  await expect(fold).toHaveCount(0);
  await told.getByRole('button', { name: 'Dismiss' }).click();
  await expect(told).toHaveText('');
});

test('cells are told one by one, a running one too', async ({ server }) => {
  const cells = section.locator('summary', { hasText: 'Cells' });
  await expect(cells).toContainText('[2] +4 MiB on toy:0');
  await cells.click();
  const plot = section.getByRole('listbox', { name: /^Cells/ });
  await plot.press('Home');
  await expect(plot.getByRole('option', { selected: true })).toHaveAttribute(
    'aria-label',
    /^Cell \[1\] took .* toy:0: \+.*, peak .* New: .*net/
  );
  await expect(section).toContainText('Cell [1] took');
  await run(2);
  await expect(cells).toContainText('[3]', { timeout: 40_000 });
  await plot.press('End');
  await expect(section).toContainText('Cell [3] runs');
  goOn(server);
  await expect(section).toContainText('Cell [3] took', { timeout: 40_000 });
});

test('a release waits for the running cell, and can be taken back', async ({
  server
}) => {
  await run(3);
  await expect(cell(3).locator('.jp-OutputArea-output')).toBeVisible();
  await run(2);
  await lab.kernelIs('busy');
  for (const answer of ['Cancel', 'Dismiss']) {
    await page.evaluate(() => {
      void window.jupyterapp.commands.execute('dlkit:release', {
        what: 'output_history'
      });
    });
    await expect(told).toContainText(
      'Queued behind the running cell: releasing all outputs.'
    );
    if (answer === 'Cancel') {
      await told.getByRole('button', { name: answer }).click();
      await expect(told).toContainText('Cancelled before it began');
      await told.getByRole('button', { name: 'Dismiss' }).click();
    }
  }
  goOn(server);
  await expect(told).toContainText('4 MiB on toy:0 are free again.', {
    timeout: 40_000
  });
  await told.getByRole('button', { name: 'Dismiss' }).click();
});

test('out of memory: who has it, and the exception is cleared', async () => {
  await run(4);
  const card = lab.panel.getByRole('group', { name: 'Out of memory on toy:0' });
  await expect(card).toContainText('16 MiB were asked for.');
  await expect(card).toContainText('1 MiB are free now');
  await expect(card.getByRole('listitem').first()).toContainText('optimizer');
  const clear = card.getByRole('button', { name: /^Clear the exception/ });
  // The same cell fails in the same way: there is an exception to clear again.
  for (const time of ['first', 'second']) {
    if (time === 'second') {
      await run(4);
    }
    await expect(clear).toHaveText('Clear the exception (2 MiB)');
    await clear.click();
    await expect(told).toContainText('2 MiB on toy:0 are free again.');
    await expect(clear).toHaveCount(0);
    await told.getByRole('button', { name: 'Dismiss' }).click();
    await expect(told).toHaveText('');
  }
  await card.getByRole('button', { name: 'Dismiss' }).click();
  await expect(card).toHaveCount(0);
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`${theme}: axe finds nothing, and nothing is cut off`, async () => {
    await lab.theme(theme);
    await unfold();
    expect(await lab.axe('[data-section="memory"]')).toEqual([]);
    await lab.drag(260);
    const device = block('toy:0');
    await device.getByRole('button', { name: 'Tree', exact: true }).click();
    await expect(device.getByRole('treegrid')).toBeVisible();
    expect(await lab.axe('[data-section="memory"]')).toEqual([]);
    await expect
      .poll(() =>
        section.evaluate(
          ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth
        )
      )
      .toBe(0);
    await device.getByRole('button', { name: 'Map', exact: true }).click();
    await lab.drag(420);
  });
}
