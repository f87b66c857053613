import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Client } from '../api/client';
import type { LiveModel } from '../model/live';
import { ILiveModel } from '../model/tokens';
import { CellChecker } from './checker';

/** The command; its key is in `schema/plugin.json`. */
const CHECK_CELL = 'dlkit:check-cell';

/** Adds *Check Shapes in This Cell*, to the palette and to cells' menus. */
export const cellCheckPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dlkit:cell-check',
  description: 'Checks the shapes in a cell before it is run.',
  autoStart: true,
  requires: [ILiveModel, INotebookTracker],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    notebooks: INotebookTracker,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_dlkit');
    const checker = new CellChecker(
      new Client(app.serviceManager.serverSettings),
      live.settings,
      trans
    );
    const isCode = (): boolean =>
      notebooks.activeCell?.model.type === 'code' &&
      notebooks.currentWidget === app.shell.currentWidget;
    /** Makes the cell whose menu was opened the active one. */
    const activate = ({ content }: NotebookPanel): void => {
      const node = app.contextMenuHitTest(({ classList }) =>
        classList.contains('jp-CodeCell')
      );
      const index = content.widgets.findIndex(cell => cell.node === node);
      if (index !== -1) {
        content.activeCellIndex = index;
      }
    };
    app.commands.addCommand(CHECK_CELL, {
      label: trans.__('Check Shapes in This Cell'),
      caption: trans.__(
        'Follow the tensors through this cell, without running it'
      ),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            isContextMenu: {
              type: 'boolean',
              description: trans.__(
                'The cell whose menu is open, not the active one.'
              )
            }
          }
        }
      },
      isEnabled: args => args.isContextMenu === true || isCode(),
      execute: async args => {
        const panel = notebooks.currentWidget;
        if (panel !== null) {
          if (args.isContextMenu === true) {
            activate(panel);
          }
          await checker.check(panel);
        }
      }
    });
    palette?.addItem({ command: CHECK_CELL, category: trans.__('DL Kit') });
    app.contextMenu.addItem({
      command: CHECK_CELL,
      args: { isContextMenu: true },
      selector: '.jp-Notebook .jp-CodeCell',
      rank: 10.5
    });
    notebooks.activeCellChanged.connect(() =>
      app.commands.notifyCommandChanged(CHECK_CELL)
    );
  }
};
