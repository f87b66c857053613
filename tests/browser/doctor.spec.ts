import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { expect, Lab, test } from './lab';
import { Server } from './server';

const ROOT = path.resolve(__dirname, '..', '..');

/** The doctor's section of the panel. */
function sectionOf(lab: Lab): Locator {
  return lab.panel.locator('[data-section="doctor"]');
}

/** The methods of all requests to the doctor from now on. */
function asked(page: Page): string[] {
  const methods: string[] = [];
  page.on('request', request => {
    if (request.url().split('?')[0].endsWith('/doctor')) {
      methods.push(request.method());
    }
  });
  return methods;
}

test('a kernel is examined when a person asks, and the report stays', async ({
  page,
  server
}) => {
  const methods = asked(page);
  server.notebook('fit.ipynb', 'import torch\nx = torch.ones(8)');
  const lab = new Lab(page, server);
  await lab.open('fit.ipynb');
  await page.addStyleTag({ content: '.Toastify { display: none; }' });
  await lab.runCell();
  await expect(lab.line('x')).toBeVisible({ timeout: 80_000 });
  await lab.execute('dlkit:show-doctor');
  const section = sectionOf(lab);
  await expect(section).toContainText('has not been examined yet');
  expect(methods.filter(method => method !== 'GET')).toEqual([]);

  await section.getByRole('button', { name: 'Examine' }).click();
  await expect(section).toContainText('Examined', { timeout: 60_000 });
  // Which Python that is.
  await expect(section).toContainText('fit.ipynb');
  await expect(section).toContainText('Python 3');
  const group = section.locator('[data-group="pytorch"]');
  // Of each machine it is known, and no problem here.
  const environment = group.locator('[data-check="pytorch.environment"]');
  const command = environment.locator('pre');
  await expect(command).toBeHidden();
  await group.locator('> summary').click();
  await environment.locator('summary').click();
  await expect(command).toBeVisible();
  await environment.getByRole('button', { name: /^Copy/ }).click();
  await expect(environment).toContainText('Copied.');
  expect(await lab.axe('[data-section="doctor"]')).toEqual([]);

  // The server is another one, which nobody has examined.
  await section.getByRole('button', { name: 'The server' }).click();
  await expect(section).toContainText('has not been examined yet');
  await section.getByRole('button', { name: 'This kernel' }).click();
  await expect(section).toContainText('Examined');
  await section.getByRole('button', { name: 'Copy as text' }).click();
  await expect(section).toContainText('Copied.');

  // Who comes later sees the same report, and starts nothing by it.
  await page.reload();
  await lab.ready();
  await lab.execute('dlkit:show-doctor');
  await expect(section).toContainText('Examined');
  expect(methods.filter(method => method !== 'GET')).toEqual(['POST']);
});

test('files are read after a question, and that can be cancelled', async ({
  page,
  server
}) => {
  const methods = asked(page);
  server.notebook('files.ipynb', 'x = 1');
  const lab = new Lab(page, server);
  await lab.open('files.ipynb');
  await lab.execute('dlkit:show-doctor');
  const section = sectionOf(lab);
  await section.getByRole('button', { name: 'The server' }).click();
  const check = section.getByRole('button', { name: /^Check files/ });
  await check.click();
  const dialog = page.locator('.jp-Dialog');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(methods).not.toContain('POST');
  await check.click();
  // Whoever waits for the button from out here may come after the last file.
  await section.evaluate(node => {
    new MutationObserver((_, observer) => {
      const cancel = node.querySelector<HTMLElement>(
        '.jp-dlkit-Doctor-running button'
      );
      if (cancel !== null) {
        observer.disconnect();
        cancel.click();
      }
    }).observe(node, { childList: true, subtree: true });
  });
  await dialog.getByRole('button', { name: 'Check Files' }).click();
  await expect(section).toContainText('The examination was cancelled.');
  await expect(check).toBeEnabled();
  expect(methods.filter(method => method !== 'GET')).toEqual([
    'POST',
    'DELETE'
  ]);
});

test('a GPU that a kernel hides from itself, and holds without using it', async ({
  page
}) => {
  // A server of its own, and two pages.
  test.slow();
  // Only the driver's library is not real.
  const folder = mkdtempSync(path.join(tmpdir(), 'dlkit-idle-'));
  const gpus = (...pids: string[]): void => {
    const python = process.env.DLKIT_PYTHON ?? 'python';
    execFileSync(python, ['-m', 'tests.hardware.stub', folder, ...pids], {
      cwd: ROOT
    });
    // Nobody uses it.
    execFileSync('sed', ['-i', 's/=82$/=0/', path.join(folder, 'nvml.state')]);
  };
  gpus();
  // The idle watch looks often enough for a test, and so seldom that what a
  // page asks of the kernel is no work of it.
  const config = path.join(folder, 'config');
  mkdirSync(config);
  writeFileSync(
    path.join(config, 'jupyter_server_config.json'),
    JSON.stringify({ DLKit: { idle_interval: 1 } })
  );
  const server = new Server({
    LD_LIBRARY_PATH: folder,
    JUPYTER_CONFIG_PATH: config,
    CUDA_VISIBLE_DEVICES: ''
  });
  try {
    await server.start();
    server.notebook(
      'holds.ipynb',
      'import os, torch\nx = torch.ones(8)\nprint("pid", os.getpid())'
    );
    const lab = new Lab(page, server);
    await lab.open('holds.ipynb');
    await lab.runCell();
    await expect(lab.line('x')).toBeVisible({ timeout: 80_000 });

    // Why is there no GPU?
    await lab.panel
      .getByRole('button', { name: 'Why is there no GPU?' })
      .click();
    const section = sectionOf(lab);
    await section.getByRole('button', { name: 'Examine' }).click();
    const first = section.locator('.jp-dlkit-Doctor-first');
    await expect(first).toContainText('Do this first', { timeout: 60_000 });
    await expect(first).toContainText(/Problem|Warning/);
    await expect(first.locator('.jp-dlkit-Doctor-step')).not.toBeEmpty();

    // A limit is set: nobody uses the GPU that this kernel holds.
    const output = page.locator('.jp-OutputArea-output', { hasText: 'pid' });
    gpus(/pid (\d+)/.exec((await output.textContent())!)![1]);
    await page.evaluate(async () => {
      await window.jupyterapp.serviceManager.settings.save(
        'jupyter-dlkit:plugin',
        '{ "idleLimit": 0.02, "hourlyPrice": 3.5, "currency": "$" }'
      );
    });
    // Without the notebook, whose panel would go on asking the kernel.
    await page.goto(server.page('lab?reset'));
    const toast = page.locator('.Toastify__toast', { hasText: 'holds.ipynb' });
    await expect(toast).toContainText('idle');
    await toast.getByRole('button', { name: 'Shut down kernel' }).click();
    const dialog = page.locator('.jp-Dialog');
    await expect(dialog).toContainText('holds.ipynb');
    // No is no.
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(toast).toBeVisible();
    await toast.getByRole('button', { name: 'Shut down kernel' }).click();
    const ended = page.waitForRequest(
      request =>
        request.method() === 'DELETE' && request.url().includes('/api/kernels/')
    );
    await dialog.getByRole('button', { name: 'Shut Down Kernel' }).click();
    await ended;
    await expect(toast.filter({ hasText: 'idle' })).toHaveCount(0);
  } finally {
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
});
