import type { Locator, Page } from '@playwright/test';
import { expect } from './lab';
import type { Lab } from './lab';
import type { Server } from './server';

/** A second device that is in host memory: the move itself is real. */
export const SECOND_DEVICE = `
import time, torch
from tests.second_device import load
load()
`;

/** A cell that runs until {@link goOn}. */
export const LONG = `
import pathlib
while not pathlib.Path('go').exists():
    time.sleep(0.05)
pathlib.Path('go').unlink()
`;

/** Lets the running cell end. */
export function goOn(server: Server): void {
  server.notebook('go');
}

/** What a person does in the panel to move and delete. */
export class Moving {
  constructor(private readonly _lab: Lab) {}

  /** What is asked, what is under way, and how it ended. */
  get changes(): Locator {
    return this._lab.panel.locator('[data-section="changes"]');
  }

  /** Opens the notebook, and runs its first cell until `name` is listed. */
  async open(notebook: string, name: string): Promise<void> {
    await this._lab.open(notebook);
    await this._lab.runCell();
    await expect(this._lab.line(name)).toBeVisible({ timeout: 80_000 });
  }

  /** Where the table says that a tensor, or all of a module, is. */
  device(name: string): Locator {
    return this._lab
      .line(name)
      .getByRole('gridcell', { name: /^(cpu|toy:\d)$/ });
  }

  /** Chooses where to, in the menu at the end of a line. */
  async to(name: string, where: string): Promise<void> {
    await this._lab.line(name).hover();
    await this._lab.line(name).locator('.jp-dlkit-Row-move').click();
    await this._page
      .locator('.lm-Menu')
      .getByRole('menuitem', { name: new RegExp(`^${where}`) })
      .click();
  }

  async press(name: string): Promise<void> {
    await this.changes.getByRole('button', { name, exact: true }).click();
  }

  /** Moves, and waits until it is told what became of it. */
  async andConfirm(name: string, where: string, said: string): Promise<void> {
    await this.to(name, where);
    await expect(this.changes).toContainText(`Move ${name} to ${where}`);
    await this.press('Move');
    await expect(this.changes).toContainText(said);
  }

  private get _page(): Page {
    return this._lab.page;
  }
}
