import { expect, Lab, test } from './lab';

/** 50,000 tensors: 40,000 variables and a dictionary of 10,000. */
const CELL = `
import torch
globals().update({f'v{i}': torch.zeros(i % 7, 3) for i in range(40_000)})
held = {i: torch.zeros(2) for i in range(10_000)}
`;

test('50,000 tensors scroll, sort and filter', async ({ page, server }) => {
  server.notebook('many.ipynb', CELL);
  const lab = new Lab(page, server);
  await lab.open('many.ipynb');
  await lab.runCell();
  await expect(lab.totals).toContainText(/^50,000 tensors/, {
    timeout: 60_000
  });
  await expect(lab.grid).toHaveAttribute('aria-rowcount', '40002');

  const count = (): Promise<number> =>
    lab.panel.evaluate(panel => panel.querySelectorAll('*').length);
  expect(await count()).toBeLessThan(2000);
  await lab.grid.evaluate(grid => {
    grid.scrollTop = grid.scrollHeight / 2;
  });
  await expect
    .poll(async () => (await lab.names())[15])
    .toMatch(/^v1\d{4}$|^v2\d{4}$/);
  expect(await count()).toBeLessThan(2000);

  await lab.grid.focus();
  await page.keyboard.press('End');
  await expect.poll(async () => (await lab.names()).at(-1)).toBe('v39999');

  /** Milliseconds from a click or a key to the picture after it. */
  const took = async (what: string, act: string): Promise<void> => {
    const milliseconds = await page.evaluate(async code => {
      const picture = (): Promise<number> =>
        new Promise(resolve =>
          requestAnimationFrame(() =>
            requestAnimationFrame(() => resolve(performance.now()))
          )
        );
      await picture();
      const start = performance.now();
      new Function(code)();
      return (await picture()) - start;
    }, act);
    console.log(`50,000 rows, ${what}: ${milliseconds.toFixed(0)} ms`);
  };
  const click = (column: string): string =>
    `document.querySelector('.jp-dlkit-Row.jp-mod-header [data-column="${column}"] button').click()`;

  await took('sort by bytes', click('bytes'));
  await expect.poll(async () => (await lab.names())[0]).toBe('held');
  await took('turn the order', click('bytes'));
  await took('sort by shape', click('shape'));
  await took('sort by name', click('name'));
  await lab.search.fill('v3999');
  await expect(lab.totals).toContainText(/^11 of 50,000/);
  await expect.poll(async () => (await lab.names())[0]).toBe('v3999');
});
