import type { ISessionContext } from '@jupyterlab/apputils';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Settings } from '../model/settings';
import type { IChecks } from '../api/client';
import { ApiError } from '../api/errors';
import { CheckedCell } from './cell';
import type { Cell } from './cell';

/**
 * Checks cells, and forgets what was found when it may be true no more: when
 * the source changes, when a cell of the notebook runs, when the kernel is
 * another one.
 */
export class CellChecker {
  constructor(
    private readonly _server: IChecks,
    private readonly _settings: Settings,
    private readonly _trans: TranslationBundle
  ) {
    NotebookActions.executionScheduled.connect((_, { notebook }) =>
      this._forget(notebook)
    );
  }

  /** Checks the active cell; when it is checked already, goes to what was found. */
  async check(panel: NotebookPanel): Promise<void> {
    const { content } = panel;
    const cell = content.activeCell;
    if (cell === null) {
      return;
    }
    const known = this._checked.get(cell);
    const state = known?.model.state;
    if (state?.what === 'found' && state.findings.length > 0) {
      known?.focusNext();
      return;
    }
    await this._check(panel, cell);
  }

  private async _check(panel: NotebookPanel, cell: Cell): Promise<void> {
    await cell.ready;
    if (cell.isDisposed || cell.editor === null) {
      return;
    }
    this._follow(panel.sessionContext, panel.content);
    const checked = this._open(panel, cell);
    const kernelId = panel.sessionContext.session?.kernel?.id;
    if (!this._settings.values.enabled) {
      checked.model.refuse(
        new ApiError(
          0,
          'off',
          this._trans.__('DL Kit is switched off.'),
          this._trans.__('Its settings have a switch “Look into kernels”.')
        )
      );
    } else if (kernelId === undefined) {
      checked.model.refuse(
        new ApiError(
          0,
          'no_kernel',
          this._trans.__('This notebook has no kernel.'),
          this._trans.__(
            'The shapes of names come from the kernel: start one, and run the cells above.'
          )
        )
      );
    } else {
      await checked.model.check(kernelId, cell.model.sharedModel.getSource());
    }
  }

  private _open(panel: NotebookPanel, cell: Cell): CheckedCell {
    this._checked.get(cell)?.dispose();
    const checked = new CheckedCell(
      cell,
      panel.content,
      this._server,
      () => void this._check(panel, cell),
      this._trans
    );
    this._checked.set(cell, checked);
    checked.disposed.connect(() => {
      if (this._checked.get(cell) === checked) {
        this._checked.delete(cell);
      }
    });
    return checked;
  }

  private _follow(session: ISessionContext, notebook: Notebook): void {
    if (!this._followed.has(session)) {
      this._followed.add(session);
      session.kernelChanged.connect(() => this._forget(notebook));
      session.statusChanged.connect((_, status) => {
        if (status === 'restarting' || status === 'autorestarting') {
          this._forget(notebook);
        }
      });
    }
  }

  private _forget(notebook: Notebook): void {
    for (const checked of Array.from(this._checked.values())) {
      if (checked.notebook === notebook) {
        checked.dispose();
      }
    }
  }

  private _checked = new Map<Cell, CheckedCell>();
  private _followed = new WeakSet<ISessionContext>();
}
