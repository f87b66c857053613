import type { Locator, Page } from '@playwright/test';
import { expect, Lab, test } from './lab';

// A second device that is in host memory: the move itself is real.
const START = `
import time, torch
from tests.second_device import load
load()
weights = torch.arange(6.0)
same = weights
part = weights[2:4]
spare = torch.ones(4)
net = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
doomed = torch.zeros(1000)
holder = [doomed]
`;

const LONG = `
import pathlib
while not pathlib.Path('go').exists():
    time.sleep(0.05)
pathlib.Path('go').unlink()
`;

let page: Page;
let lab: Lab;

/** What is asked, what is under way, and how it ended. */
let changes: Locator;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('moves.ipynb', START, LONG, LONG);
  page = await browser.newPage();
  lab = new Lab(page, server);
  changes = lab.panel.locator('[data-section="changes"]');
  await lab.open('moves.ipynb');
  // Jupyter's question about its news lies over what is asked here.
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await lab.runCell();
  await expect(lab.line('weights')).toBeVisible({ timeout: 80_000 });
});

test.afterAll(async () => {
  await page.close();
});

const device = (name: string): Locator =>
  lab.line(name).getByRole('gridcell', { name: /^(cpu|toy:\d)$/ });

/** Chooses where to, in the menu at the end of a line. */
async function moveTo(name: string, where: string): Promise<void> {
  await lab.line(name).hover();
  await lab.line(name).locator('.jp-dlkit-Row-move').click();
  await page
    .locator('.lm-Menu')
    .getByRole('menuitem', { name: new RegExp(`^${where}`) })
    .click();
}

async function press(name: string): Promise<void> {
  await changes.getByRole('button', { name, exact: true }).click();
}

test('a tensor moves with its aliases and views, and back', async () => {
  await moveTo('weights', 'toy:0');
  await expect(changes).toContainText('Move weights to toy:0');
  await expect(changes).toContainText('cpu → toy:0');
  await expect(changes).toContainText('1 other name goes along');
  await press('Move');
  await expect(changes).toContainText('Moved weights');
  await expect(device('weights')).toHaveText('toy:0');
  await expect(device('part')).toHaveText('toy:0');
  await press('Undo');
  await expect(changes).toContainText('Put weights back on cpu.');
  await expect(device('weights')).toHaveText('cpu');
  await press('Dismiss');
  await expect(changes).toHaveText('');
});

test('a folded module moves as a whole, from the keyboard', async () => {
  await lab.line('net').click();
  await lab.line('net').click();
  await lab.grid.press('m');
  const menu = page.locator('.lm-Menu');
  await expect(menu.locator('.lm-mod-active')).toContainText('toy:0');
  await page.keyboard.press('Enter');
  await expect(changes).toContainText('Move net to toy:0');
  await expect(changes).toContainText('4 tensors, ');
  await expect(changes).toContainText('Will training fit?');
  await expect(
    changes.getByRole('button', { name: 'Move', exact: true })
  ).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(changes).toContainText('Moved net');
  await expect(device('net')).toHaveText('toy:0');
  await press('Insert as cell');
  await expect(
    page.locator('.jp-Notebook .jp-Cell', { hasText: "net.to('toy:0')" })
  ).toHaveCount(1);
  await lab.execute('notebook:delete-cell');
  await press('Dismiss');
});

test('a parameter alone is refused, and its module offered', async () => {
  await lab.execute('dlkit:move', {
    device: 'toy:1',
    expressions: ['net[0].weight']
  });
  await expect(changes).toContainText('Cannot be moved');
  await expect(
    changes.getByRole('button', { name: 'Move', exact: true })
  ).toHaveCount(0);
  await changes
    .locator('.jp-dlkit-Buttons')
    .getByRole('button')
    .first()
    .click();
  await expect(changes).toContainText('Move net to toy:1');
  await page.keyboard.press('Escape');
  await expect(changes).toHaveText('');
});

test('deleting says what still holds the tensor', async () => {
  await lab.line('doomed').click();
  await lab.grid.press('Delete');
  await expect(changes).toContainText('Delete doomed?');
  await press('Delete');
  await expect(changes).toContainText('Deleted doomed.');
  await expect(changes).toContainText('holder');
  await press('Dismiss');
});

test('behind a busy cell a move waits, is cancelled, and waits again', async ({
  server
}) => {
  await lab.runCell();
  await lab.kernelIs('busy');
  const queue = async (): Promise<void> => {
    await moveTo('spare', 'toy:0');
    await expect(changes).toContainText('Move spare to toy:0');
    await press('Move');
    await expect(changes).toContainText(
      'Queued behind the running cell: spare to toy:0.'
    );
  };
  await queue();
  await press('Cancel');
  await expect(changes).toContainText('spare did not move');
  await queue();
  await expect(device('spare')).toHaveText('cpu');
  server.notebook('go');
  await expect(changes).toContainText('Moved spare');
  await expect(device('spare')).toHaveText('toy:0');
  await press('Dismiss');
});
