import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Client } from '../api/client';
import { Stream } from '../api/stream';
import { Activity } from './activity';
import { LiveModel } from './live';
import { Settings } from './settings';
import type { IValues } from './settings';
import { ILiveModel } from './tokens';

/** Provides the models; without a view that watches they do nothing. */
export const modelPlugin: JupyterFrontEndPlugin<LiveModel> = {
  id: 'jupyter-dlkit:plugin',
  description: 'Keeps the tensors and devices of the current kernel.',
  autoStart: true,
  provides: ILiveModel,
  optional: [INotebookTracker, IConsoleTracker, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    registry: ISettingRegistry | null
  ): LiveModel => {
    const { serverSettings } = app.serviceManager;
    const settings = new Settings();
    const defaults = settings.values;
    if (registry === null) {
      settings.values = defaults;
    } else {
      registry.load(modelPlugin.id).then(
        loaded => {
          const read = (): void => {
            settings.values = loaded.composite as unknown as IValues;
          };
          loaded.changed.connect(read);
          read();
        },
        reason => {
          console.warn('DL Kit uses its default settings:', reason);
          settings.values = defaults;
        }
      );
    }
    return new LiveModel(
      new Stream(serverSettings),
      new Client(serverSettings),
      new Activity(app.shell, notebooks, consoles),
      settings
    );
  }
};
