import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, Lab, test } from './lab';
import { Server } from './server';

test('accelerators have a row each, with memory, load, heat and power', async ({
  page
}) => {
  // Only the driver's library is not real.
  const folder = mkdtempSync(path.join(tmpdir(), 'dlkit-gpus-'));
  execFileSync(
    process.env.DLKIT_PYTHON ?? 'python',
    ['-m', 'tests.hardware.stub', folder],
    { cwd: path.resolve(__dirname, '..', '..') }
  );
  const server = new Server({ LD_LIBRARY_PATH: folder });
  try {
    await server.start();
    server.notebook('devices.ipynb', 'x = 1');
    const lab = new Lab(page, server);
    await lab.open('devices.ipynb');
    const devices = lab.panel.locator('.jp-dlkit-Device');
    await expect(devices).toHaveCount(3);
    await expect(devices.nth(0)).toContainText(/of \d+ GiB/);
    await expect(devices.nth(0)).toContainText(/\d+ %/);
    await expect(devices.nth(0)).toContainText(/\d+ °C/);
    await expect(devices.nth(0)).toContainText(/\d+ W/);
    const load = devices.nth(0).getByRole('img', { name: /^Load of .*%$/ });
    await expect(load).toBeVisible();
    const drawn = (): Promise<number> =>
      load.evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas
          .getContext('2d')!
          .getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, i) => i % 4 === 3 && value > 0).length;
      });
    await expect.poll(drawn).toBeGreaterThan(3);
    await expect(devices.nth(2)).toContainText('CPU and RAM');
  } finally {
    await server.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
});
