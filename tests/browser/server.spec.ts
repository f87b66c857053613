import { expect, Lab, test } from './lab';
import { Server } from './server';

test('a server that goes away and comes back', async ({ page }) => {
  const server = new Server();
  try {
    await server.start();
    server.notebook('server.ipynb', 'import numpy as np; kept = np.zeros(3)');
    const lab = new Lab(page, server);
    await lab.open('server.ipynb');
    await lab.runCell();
    await expect(lab.line('kept')).toBeVisible();

    await server.stop();
    await expect(lab.notice).toContainText('The server does not answer');
    await expect(lab.line('kept')).toBeVisible();

    await server.start();
    await expect(lab.notice).not.toContainText('The server does not answer', {
      timeout: 40_000
    });
    const devices = lab.panel.locator('[data-section="devices"]');
    await expect(devices).toContainText('CPU and RAM');
  } finally {
    await server.dispose();
  }
});
