import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ApiError } from '../../api/errors';
import type { LiveModel } from '../../model/live';
import { modelPlugin } from '../../model/plugin';
import { ILiveModel } from '../../model/tokens';
import { IdleClient } from './client';
import { Notices } from './notices';
import { shutDown } from './shutdown';
import { IdleWatch } from './watch';
import { wishesOf } from './wishes';

/** Says once that kernels hold accelerators which nobody uses. */
export const idlePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dlkit:idle',
  description: 'Notifies of kernels that hold idle accelerators.',
  autoStart: true,
  requires: [ILiveModel],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_dlkit');
    const { kernels, serverSettings } = app.serviceManager;
    const client = new IdleClient(serverSettings);
    const watch = new IdleWatch(client, live);
    const failed = (reason: unknown): void => {
      Notification.warning(ApiError.from(reason).message, { autoClose: false });
    };
    const notices = new Notices(
      {
        shutDown: offered => {
          void shutDown(offered, client, kernels, trans).then(isDone => {
            if (isDone) {
              notices.putAway();
            }
          }, failed);
        },
        notToday: () => void watch.notToday().catch(failed)
      },
      trans
    );
    watch.changed.connect(() => notices.show(watch.notice, watch.mayAct));
    if (registry === null) {
      void watch.wish(null);
    } else {
      void registry.load(modelPlugin.id).then(
        settings => {
          let said: string | undefined;
          const read = (): void => {
            const wishes = wishesOf(settings);
            const now = JSON.stringify(wishes);
            if (now !== said) {
              said = now;
              void watch.wish(wishes);
            }
          };
          settings.changed.connect(read);
          read();
        },
        () => watch.wish(null)
      );
    }
  }
};
