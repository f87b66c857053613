import type { Page } from '@playwright/test';
import { expect, Lab, test } from './lab';
import { Moving, SECOND_DEVICE } from './moving';

const START = `${SECOND_DEVICE}
weights = torch.arange(6.0)
same = weights
part = weights[2:4]
spare = torch.ones(4)
net = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
doomed = torch.zeros(1000)
holder = [doomed]

class Images:
    pass

class Trained(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 2)
        self.images = Images()
        self.images.all = torch.ones(9)

trained = Trained()
`;

let page: Page;
let lab: Lab;
let moving: Moving;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('moves.ipynb', START);
  page = await browser.newPage();
  lab = new Lab(page, server);
  moving = new Moving(lab);
  await moving.open('moves.ipynb', 'weights');
});

test.afterAll(async () => {
  await page.close();
});

test('a tensor moves with its aliases and views, and back', async () => {
  const { changes } = moving;
  await moving.to('weights', 'toy:0');
  await expect(changes).toContainText('Move weights to toy:0');
  await expect(changes).toContainText('cpu → toy:0');
  await expect(changes).toContainText('1 other name goes along');
  await moving.press('Move');
  await expect(changes).toContainText('Moved weights');
  await expect(moving.device('weights')).toHaveText('toy:0');
  await expect(moving.device('part')).toHaveText('toy:0');
  await moving.press('Undo');
  await expect(changes).toContainText('Put weights back on cpu.');
  await expect(moving.device('weights')).toHaveText('cpu');
  await moving.press('Dismiss');
  await expect(changes).toHaveText('');
});

test('a folded module moves as a whole, from the keyboard alone', async () => {
  const { changes } = moving;
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
  await expect(moving.device('net')).toHaveText('toy:0');
  for (const answer of ['Undo', 'Dismiss']) {
    // What is pressed goes away, and the keyboard is at the table again.
    await changes.getByRole('button', { name: answer }).press('Enter');
    await expect(lab.grid).toBeFocused();
    if (answer === 'Undo') {
      await expect(changes).toContainText('Put net back on cpu.');
    }
  }
  await expect(changes).toHaveText('');
});

test('several lines that are chosen move together, and back', async () => {
  const { changes } = moving;
  await lab.line('spare').click();
  await lab.line('weights').click({ modifiers: ['Control'] });
  await lab.line('net').click({ modifiers: ['Control'] });
  await lab.panel
    .locator('.jp-dlkit-Foot')
    .getByRole('button', { name: 'Move' })
    .click();
  await page.getByRole('menuitem', { name: /^toy:1/ }).click();
  await expect(changes).toContainText('Move net, spare and 1 more to toy:1');
  await moving.press('Move');
  await expect(changes).toContainText('Moved net, spare and 1 more');
  for (const name of ['net', 'spare', 'weights', 'part']) {
    await expect(moving.device(name)).toHaveText('toy:1');
  }
  await moving.press('Undo');
  await expect(changes).toContainText('back on cpu.');
  for (const name of ['net', 'spare', 'weights', 'part']) {
    await expect(moving.device(name)).toHaveText('cpu');
  }
  await moving.press('Dismiss');
});

test('what would stay behind can move too', async () => {
  const { changes } = moving;
  const behind = 'trained.images.all';
  await moving.to('trained', 'toy:0');
  await expect(changes).toContainText('Stays behind');
  await changes
    .getByRole('button', { name: `Move ${behind} too`, exact: true })
    .click();
  await expect(changes).not.toContainText('Stays behind');
  await expect(changes).toContainText(`Move trained and ${behind} to toy:0`);
  await moving.press('Move');
  await expect(changes).toContainText(`Moved trained and ${behind}`);
  await moving.press('Dismiss');
});

test('a parameter alone is refused, and its module offered', async () => {
  const { changes } = moving;
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
  const { changes } = moving;
  await lab.line('doomed').click();
  await lab.grid.press('Delete');
  await expect(changes).toContainText('Delete doomed?');
  await moving.press('Delete');
  await expect(changes).toContainText('Deleted doomed.');
  await expect(changes).toContainText('holder');
  await moving.press('Dismiss');
});

test('a preview is whole in the narrowest panel', async () => {
  const { changes } = moving;
  await lab.drag(250);
  await moving.to('net', 'toy:1');
  await expect(changes).toContainText('4 tensors move');
  for (const folded of await changes.locator('summary').all()) {
    await folded.click();
  }
  const cut = (): Promise<string[]> =>
    changes.evaluate(section =>
      Array.from(section.querySelectorAll('*'))
        .concat(section)
        .filter(one => one.getBoundingClientRect().width > 1)
        .filter(one => {
          const { right } = one.getBoundingClientRect();
          const room =
            section.getBoundingClientRect().left + section.clientWidth;
          return right > room + 0.5;
        })
        .map(one => one.className)
    );
  await expect.poll(cut).toEqual([]);
  await moving.press('Cancel');
  await lab.drag(420);
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`${theme}: axe finds nothing in a preview and a result`, async () => {
    const { changes } = moving;
    await lab.theme(theme);
    await moving.to('net', 'toy:1');
    await expect(changes).toContainText('Move net to toy:1');
    expect(await lab.axe('[data-section="changes"]')).toEqual([]);
    await moving.press('Move');
    await expect(changes).toContainText('Moved net');
    expect(await lab.axe('[data-section="changes"]')).toEqual([]);
    await moving.press('Undo');
    await expect(changes).toContainText('Put net back');
    await moving.press('Dismiss');
  });
}
