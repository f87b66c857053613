import { readFileSync } from 'node:fs';
import { test as base, expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { Server } from './server';

/** What the tests use of the application object of the page. */
interface IApp {
  restored: Promise<unknown>;
  serviceManager: {
    settings: { save(plugin: string, raw: string): Promise<void> };
  };
  commands: {
    execute(command: string, args?: object): Promise<unknown>;
  };
  shell: {
    currentWidget: {
      sessionContext?: {
        session?: { kernel?: { status: string; restart(): Promise<void> } };
      };
    } | null;
  };
}

interface IAxe {
  run(where: string): Promise<{
    violations: { id: string; nodes: { html: string }[] }[];
    passes: unknown[];
  }>;
}

declare global {
  interface Window {
    jupyterapp: IApp;
  }
}

/** One server for all tests of a worker. */
export const test = base.extend<object, { server: Server }>({
  server: [
    async ({}, use) => {
      const server = new Server();
      await server.start();
      await use(server);
      await server.dispose();
    },
    { scope: 'worker', timeout: 90_000 }
  ]
});

export { expect };

/** JupyterLab as a person sees it, with the panel in the right sidebar. */
export class Lab {
  constructor(
    readonly page: Page,
    private readonly _server: Server
  ) {}

  get panel(): Locator {
    return this.page.locator('.jp-dlkit-Panel');
  }

  get grid(): Locator {
    return this.panel.getByRole('treegrid');
  }

  get notice(): Locator {
    return this.panel.locator('.jp-dlkit-Header .jp-dlkit-Notice');
  }

  get search(): Locator {
    return this.panel.locator('.jp-dlkit-Search');
  }

  get totals(): Locator {
    return this.panel.locator('.jp-dlkit-Totals');
  }

  /** The line of a tensor, or of a module, by its name. */
  line(name: string): Locator {
    return this.grid
      .getByRole('row')
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** Opens a notebook in JupyterLab, shows the panel, waits for the kernel. */
  async open(notebook: string): Promise<void> {
    await this.page.goto(this._server.page(`lab/tree/${notebook}?reset`));
    await this.ready();
    await this.kernelIs('idle');
  }

  /** Waits for the page that is being loaded, and shows the panel. */
  async ready(): Promise<void> {
    await this.page.waitForFunction(() => Boolean(window.jupyterapp));
    await this.page.evaluate(async () => {
      await window.jupyterapp.restored;
    });
    // Of the notebook in front: one behind it may be the first in the page.
    await this.page
      .locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell')
      .first()
      .waitFor();
    await this.execute('dlkit:show');
    await this.panel.waitFor();
  }

  async execute(command: string, args?: object): Promise<void> {
    await this.page.evaluate(
      async ([name, given]) => {
        await window.jupyterapp.commands.execute(name, given);
      },
      [command, args] as const
    );
  }

  /** Runs the selected cell and goes to the next one; does not wait for it. */
  async runCell(): Promise<void> {
    await this.page.evaluate(() => {
      void window.jupyterapp.commands.execute(
        'notebook:run-cell-and-select-next'
      );
    });
  }

  async kernelIs(state: string): Promise<void> {
    await this.page.waitForFunction(
      wanted =>
        window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel
          ?.status === wanted,
      state,
      { timeout: 60_000 }
    );
  }

  async restartKernel(): Promise<void> {
    await this.page.evaluate(async () => {
      const { currentWidget } = window.jupyterapp.shell;
      await currentWidget?.sessionContext?.session?.kernel?.restart();
    });
  }

  /** Drags the border of the sidebar until the panel has this width. */
  async drag(width: number): Promise<void> {
    await expect(async () => {
      const box = (await this.panel.boundingBox())!;
      await this.page.mouse.move(box.x - 1, 300);
      await this.page.mouse.down();
      await this.page.mouse.move(box.x + box.width - width, 300, { steps: 4 });
      await this.page.mouse.up();
      // The layout follows in a frame of its own.
      await expect
        .poll(async () => (await this.panel.boundingBox())!.width, {
          timeout: 2000
        })
        .toBeLessThan(width + 4);
      expect((await this.panel.boundingBox())!.width).toBeGreaterThan(
        width - 4
      );
    }).toPass({ timeout: 20_000 });
  }

  async theme(name: string): Promise<void> {
    await this.execute('apputils:change-theme', { theme: name });
    await expect(
      this.page.locator(`body[data-jp-theme-name="${name}"]`)
    ).toHaveCount(1);
    // A theme is loaded behind a splash, which catches the mouse.
    await expect(this.page.locator('#jupyterlab-splash')).toHaveCount(0);
  }

  /** What keeps people out of this part of the page, in axe's words. */
  async axe(where: string): Promise<string[]> {
    await this.page.addScriptTag({
      content: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
    });
    const { violations, passes } = await this.page.evaluate(async part => {
      const { axe } = window as unknown as { axe: IAxe };
      return axe.run(part);
    }, where);
    expect(passes.length).toBeGreaterThan(5);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)
    );
  }

  /** The names of the lines, from top to bottom, as far as they are drawn. */
  async names(): Promise<string[]> {
    return this.grid
      .locator('.jp-dlkit-Grid-lines .jp-dlkit-Cell-name')
      .allTextContents();
  }

  column(name: string): Locator {
    return this.grid.getByRole('columnheader', { name });
  }
}
