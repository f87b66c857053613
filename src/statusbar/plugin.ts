import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { CommandIDs } from '../commands/ids';
import type { LiveModel } from '../model/live';
import { ILiveModel } from '../model/tokens';
import { MemoryItem } from './item';

/** Adds the item to the status bar, where the application has one. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dlkit:status-bar',
  description: 'Memory of the current kernel, in the status bar.',
  autoStart: true,
  requires: [ILiveModel],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_dlkit');
    statusBar?.registerStatusItem(statusBarPlugin.id, {
      item: new MemoryItem(
        live,
        () => void app.commands.execute(CommandIDs.show),
        trans
      ),
      align: 'left',
      rank: 100
    });
  }
};
