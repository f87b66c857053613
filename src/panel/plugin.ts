import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { LiveModel } from '../model/live';
import { ILiveModel } from '../model/tokens';
import { DlkitPanel } from './panel';
import { widenOnce } from './widen';
import { IDlkitPanel } from './tokens';

/** Puts the panel into the right sidebar, of JupyterLab and of Notebook. */
export const panelPlugin: JupyterFrontEndPlugin<DlkitPanel> = {
  id: 'jupyter-dlkit:panel',
  description: 'The DL Kit panel: live tensors and devices.',
  autoStart: true,
  provides: IDlkitPanel,
  requires: [ILiveModel],
  optional: [ILayoutRestorer, IThemeManager, ITranslator, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    restorer: ILayoutRestorer | null,
    themes: IThemeManager | null,
    translator: ITranslator | null,
    state: IStateDB | null
  ): DlkitPanel => {
    const panel = new DlkitPanel(
      live,
      app.commands,
      themes,
      translator ?? nullTranslator
    );
    app.shell.add(panel, 'right', { rank: 610, type: 'DL Kit' });
    restorer?.add(panel, panel.id);
    if (state !== null) {
      void widenOnce(panel, state);
    }
    return panel;
  }
};
