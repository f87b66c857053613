import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { LiveModel } from '../model/live';
import { ILiveModel } from '../model/tokens';
import { dlkitIcon } from '../panel/icon';
import { deviceMenu } from '../panel/moves/menu';
import type { DlkitPanel } from '../panel/panel';
import { IDlkitPanel } from '../panel/tokens';
import { addChangeCommands } from './changes';
import { CommandIDs } from './ids';

/** Adds the commands, to the palette and to the rows' context menu. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dlkit:commands',
  description: 'Commands of the DL Kit panel.',
  autoStart: true,
  requires: [ILiveModel, IDlkitPanel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    panel: DlkitPanel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_dlkit');
    const { commands } = app;
    const { tensors } = live;
    const noArguments = { args: { type: 'object', properties: {} } } as const;
    const asked = {
      selected: {
        type: 'boolean',
        description: trans.__('The selected tensor, without asking which.')
      }
    } as const;
    const oneTensor = {
      args: {
        type: 'object',
        properties: {
          expression: {
            type: 'string',
            description: trans.__(
              'An expression of the tensor, as the panel shows it; the selected tensor when left out.'
            )
          }
        }
      }
    } as const;

    /** The row that is meant, or null. */
    const meant = (args: ReadonlyPartialJSONObject): string | null =>
      typeof args.expression === 'string'
        ? tensors.find(args.expression)
        : tensors.selected;

    const show = (): void => app.shell.activateById(panel.id);

    commands.addCommand(CommandIDs.show, {
      label: trans.__('Show DL Kit Panel'),
      caption: trans.__('Live tensors and devices of the current kernel'),
      icon: dlkitIcon,
      describedBy: noArguments,
      execute: show
    });
    commands.addCommand(CommandIDs.refresh, {
      label: trans.__('Look at the Tensors Again'),
      describedBy: noArguments,
      execute: () => live.refresh()
    });
    commands.addCommand(CommandIDs.search, {
      label: trans.__('Search Tensors'),
      describedBy: noArguments,
      execute: () => {
        show();
        panel.focusSearch();
      }
    });
    commands.addCommand(CommandIDs.copyExpression, {
      label: trans.__('Copy Expression of the Tensor'),
      describedBy: oneTensor,
      isEnabled: args => meant(args) !== null,
      execute: args => {
        const id = meant(args);
        const row = id === null ? undefined : tensors.table.row(id);
        if (row !== undefined) {
          Clipboard.copyToSystem(tensors.table.columns.name[row]);
        }
      }
    });
    commands.addCommand(CommandIDs.showDetail, {
      label: args =>
        args.selected === true
          ? trans.__('Show Detail')
          : trans.__('Show Detail of a Tensor…'),
      describedBy: {
        args: {
          ...oneTensor.args,
          properties: { ...oneTensor.args.properties, ...asked }
        }
      },
      isEnabled: () => tensors.table.length > 0,
      execute: async args => {
        let { expression } = args;
        if (args.selected === true) {
          panel.focusDetail();
          return;
        }
        if (typeof expression !== 'string') {
          const { value } = await InputDialog.getItem({
            title: trans.__('Show detail of which tensor?'),
            items: tensors.table.columns.name.slice(0, 1000),
            editable: true
          });
          expression = value ?? undefined;
        }
        const id =
          typeof expression === 'string' ? tensors.find(expression) : null;
        if (id !== null) {
          tensors.reveal(id);
          show();
          panel.focusDetail();
        }
      }
    });
    addChangeCommands(commands, live, panel, trans);
    const hidden: string[] = [
      CommandIDs.insertCode,
      CommandIDs.noDevice,
      // Those of memory come with it.
      CommandIDs.showMemory,
      CommandIDs.release
    ];
    for (const command of Object.values(CommandIDs)) {
      if (hidden.includes(command)) {
        continue;
      }
      palette?.addItem({ command, category: trans.__('DL Kit') });
    }
    app.contextMenu.addItem({
      command: CommandIDs.copyExpression,
      selector: '.jp-dlkit-Row[data-dlkit-id]',
      rank: 1
    });
    app.contextMenu.addItem({
      command: CommandIDs.showDetail,
      args: { selected: true },
      selector: '.jp-dlkit-Row[data-dlkit-id]',
      rank: 2
    });
    app.contextMenu.addItem({
      type: 'submenu',
      submenu: deviceMenu(commands, live.devices, trans),
      selector: '.jp-dlkit-Grid-lines .jp-dlkit-Row',
      rank: 3
    });
    app.contextMenu.addItem({
      command: CommandIDs.checkShapes,
      selector: '.jp-dlkit-Row[data-dlkit-id]',
      rank: 4
    });
    app.contextMenu.addItem({
      command: CommandIDs.deleteTensors,
      selector: '.jp-dlkit-Row[data-dlkit-id]',
      rank: 5
    });
  }
};
