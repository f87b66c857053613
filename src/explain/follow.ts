import type { IConsoleTracker } from '@jupyterlab/console';
import type { ICodeCell } from '@jupyterlab/nbformat';
import { NotebookActions } from '@jupyterlab/notebook';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { LiveModel } from '../model/live';
import type { ExplanationModel } from './model';

/** Tells the model of cells of notebooks that have run. */
export function followNotebooks(
  notebooks: INotebookTracker,
  explanations: ExplanationModel
): void {
  NotebookActions.executed.connect((_, { notebook, cell, success }) => {
    const kernelId = notebooks.find(({ content }) => content === notebook)
      ?.sessionContext.session?.kernel?.id;
    const { model } = cell;
    if (kernelId === undefined || model.type !== 'code') {
      return;
    }
    if (success) {
      explanations.succeeded(kernelId, model.id);
    } else {
      const { execution_count } = model.toJSON();
      void explanations.failed({
        kernelId,
        cellId: model.id,
        source: model.sharedModel.getSource(),
        executionCount:
          typeof execution_count === 'number' ? execution_count : null
      });
    }
  });
}

/** Tells the model of cells of consoles that have failed. */
export function followConsoles(
  consoles: IConsoleTracker,
  explanations: ExplanationModel
): void {
  consoles.widgetAdded.connect((_, { console, sessionContext }) => {
    console.executed.connect(() => {
      const kernelId = sessionContext.session?.kernel?.id;
      const { cells } = console;
      const cell = cells.get(cells.length - 1)?.model.toJSON();
      if (kernelId === undefined || cell?.cell_type !== 'code') {
        return;
      }
      const { execution_count, source } = cell;
      const { outputs } = cell as ICodeCell;
      if (outputs.some(({ output_type }) => output_type === 'error')) {
        void explanations.failed({
          kernelId,
          cellId: null,
          source: Array.isArray(source) ? source.join('') : String(source),
          executionCount:
            typeof execution_count === 'number' ? execution_count : null
        });
      }
    });
  });
}

/** Forgets what was said of a kernel that restarts. */
export function followRestarts(
  live: LiveModel,
  explanations: ExplanationModel
): void {
  live.changed.connect(({ current }) => {
    if (
      current?.state === 'restarting' ||
      current?.state === 'autorestarting'
    ) {
      explanations.forget(current.id);
    }
  });
}
