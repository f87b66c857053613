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
      sessionContext?: { session?: { kernel?: { status: string } } };
    } | null;
  };
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
    await this.page.locator('.jp-NotebookPanel .jp-Cell').first().waitFor();
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
