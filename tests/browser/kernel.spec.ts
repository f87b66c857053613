import type { Page } from '@playwright/test';
import { expect, Lab, test } from './lab';

const START = `
import time, torch
first = torch.zeros(3)
`;

/** Runs until the test has seen enough, however slow the machine is. */
const LONG = `
import itertools, pathlib
for step in itertools.count(1):
    during = torch.zeros(step)
    time.sleep(0.2)
    if pathlib.Path('enough').exists():
        break
during = torch.zeros(0)
`;

let page: Page;
let lab: Lab;

test.beforeAll(async ({ browser, server }) => {
  server.notebook('kernel.ipynb', START, LONG, 'after = torch.ones(2)');
  server.notebook('other.ipynb', 'import numpy as np; elsewhere = np.zeros(4)');
  page = await browser.newPage();
  lab = new Lab(page, server);
  await lab.open('kernel.ipynb');
  await lab.runCell();
  await expect(lab.line('first')).toBeVisible({ timeout: 60_000 });
  // A list can be there before the cell that made it has ended.
  await expect(
    page.locator(
      '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator'
    )
  ).toHaveAttribute('data-status', 'idle');
});

test.afterAll(async () => {
  await page.close();
});

test('tensors show while a cell runs, which stays busy, and then is idle', async ({
  server
}) => {
  // What JupyterLab's own indicator says, every time that it changes.
  await page.evaluate(() => {
    const indicator = document.querySelector(
      '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator'
    )!;
    const states: string[] = [];
    (window as unknown as { states: string[] }).states = states;
    new MutationObserver(() => {
      const state = indicator.getAttribute('data-status') ?? '';
      if (state !== states[states.length - 1]) {
        states.push(state);
      }
    }).observe(indicator, { attributes: true });
  });
  await lab.runCell();
  await lab.kernelIs('busy');
  const shape = lab.line('during').getByRole('gridcell').nth(1);
  await expect(shape).toBeVisible();
  const before = await shape.textContent();
  await expect(lab.panel.locator('.jp-dlkit-Header')).toContainText('busy');
  await expect(shape).not.toHaveText(before!);
  server.file('enough', '');
  await lab.kernelIs('idle');
  await expect(lab.panel.locator('.jp-dlkit-Header')).toContainText('idle');
  await expect(shape).toHaveText('(0,)');
  await expect
    .poll(() =>
      page.evaluate(() => (window as unknown as { states: string[] }).states)
    )
    .toEqual(['busy', 'idle']);
});

test('the panel follows the notebook that is in use, and back', async () => {
  await lab.execute('docmanager:open', { path: 'other.ipynb' });
  const header = lab.panel.locator('.jp-dlkit-Header');
  await expect(header).toContainText('other.ipynb');
  await lab.kernelIs('idle');
  await lab.runCell();
  await expect(lab.line('elsewhere')).toBeVisible();
  await expect(lab.line('first')).toHaveCount(0);
  await lab.execute('docmanager:open', { path: 'kernel.ipynb' });
  await expect(header).toContainText('kernel.ipynb');
  await expect(lab.line('first')).toBeVisible();
  await expect(lab.line('elsewhere')).toHaveCount(0);
});

test('the panel follows a console, and goes back when it closes', async () => {
  await lab.execute('console:create', {
    kernelPreference: { name: 'python3' },
    activate: true
  });
  const header = lab.panel.locator('.jp-dlkit-Header');
  await expect(header).toContainText('Console');
  await lab.kernelIs('idle');
  await lab.execute('console:inject', {
    path: await page.evaluate(
      () =>
        (
          window.jupyterapp.shell.currentWidget!.sessionContext as unknown as {
            path: string;
          }
        ).path
    ),
    code: 'import numpy as np; typed = np.ones(5)'
  });
  await expect(lab.line('typed')).toBeVisible();
  await lab.execute('application:close');
  await expect(header).toContainText('kernel.ipynb');
  await expect(lab.line('first')).toBeVisible();
});

test('switched off, it asks for nothing and says so; then it is back', async () => {
  const set = (enabled: boolean): Promise<void> =>
    page.evaluate(async value => {
      const { settings } = window.jupyterapp.serviceManager;
      await settings.save(
        'jupyter-dlkit:plugin',
        JSON.stringify({ enabled: value })
      );
    }, enabled);
  await set(false);
  await page.reload();
  await lab.ready();
  await expect(lab.notice).toContainText('DL Kit is switched off');
  await set(true);
  await page.reload();
  await lab.ready();
  await expect(lab.line('first')).toBeVisible();
});

test('a hidden panel unsubscribes', async () => {
  const topics: string[] = [];
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  client.on('Network.webSocketFrameSent', ({ response }) => {
    if (response.payloadData.includes('"topic"')) {
      const { type, topic } = JSON.parse(response.payloadData);
      topics.push(`${type} ${topic}`);
    }
  });
  // The status bar glances too.
  await lab.execute('statusbar:toggle');
  await lab.execute('application:toggle-right-area');
  await expect(lab.panel).toBeHidden();
  await expect
    .poll(() => topics.slice(-2).sort())
    .toEqual(['unsubscribe kernel', 'unsubscribe status']);
  await lab.execute('application:toggle-right-area');
  await expect
    .poll(() => topics.slice(-2).sort())
    .toEqual(['subscribe kernel', 'subscribe status']);
  await lab.execute('statusbar:toggle');
  await client.detach();
});

test('a restart empties the table, and the next cell fills it', async () => {
  await lab.restartKernel();
  await expect(lab.panel.getByText('has no tensors yet')).toBeVisible();
  await expect(lab.line('first')).toHaveCount(0);
  await lab.kernelIs('idle');
  await page.evaluate(() => {
    void window.jupyterapp.commands.execute('notebook:run-all-cells');
  });
  await expect(lab.line('during')).toBeVisible({ timeout: 40_000 });
  await expect(lab.line('first')).toBeVisible();
});
