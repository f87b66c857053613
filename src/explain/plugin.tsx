import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ReactWidget } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { PanelLayout } from '@lumino/widgets';
import * as React from 'react';
import type { LiveModel } from '../model/live';
import type { ReleasesModel } from '../memory/releases';
import { IReleases } from '../memory/tokens';
import { modelPlugin } from '../model/plugin';
import { ILiveModel } from '../model/tokens';
import type { DlkitPanel } from '../panel/panel';
import { IDlkitPanel } from '../panel/tokens';
import { ExplanationClient } from './client';
import { followConsoles, followNotebooks, followRestarts } from './follow';
import { ExplanationModel } from './model';
import { TextSwitch } from './switch';
import { ExplanationView } from './view';

/** Says in the panel why the last cell failed, if it was for its tensors. */
export const explainPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dlkit:explain',
  description: 'Explains errors of shapes, dtypes, devices and memory.',
  autoStart: true,
  requires: [ILiveModel, IDlkitPanel],
  optional: [
    IReleases,
    INotebookTracker,
    IConsoleTracker,
    ISettingRegistry,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    panel: DlkitPanel,
    releases: ReleasesModel | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_dlkit');
    const client = new ExplanationClient(app.serviceManager.serverSettings);
    const text = new TextSwitch(client, live);
    let isWanted = true;
    void registry?.load(modelPlugin.id).then(settings => {
      const read = (): void => {
        isWanted = settings.composite.explainErrors !== false;
        text.isWanted = isWanted;
      };
      settings.changed.connect(read);
      read();
    });
    const explanations = new ExplanationModel(
      client,
      () => isWanted && live.settings.values.enabled
    );
    followRestarts(live, explanations);
    if (notebooks !== null) {
      followNotebooks(notebooks, explanations);
    }
    if (consoles !== null) {
      followConsoles(consoles, explanations);
    }
    const card = ReactWidget.create(
      <ExplanationView
        live={live}
        explanations={explanations}
        releases={releases}
        onMemory={() => panel.expand('memory')}
        onCopy={code => Clipboard.copyToSystem(code)}
        trans={trans}
      />
    );
    card.addClass('jp-dlkit-Section');
    card.node.dataset.section = 'explanation';
    // Below the sections, so that no line moves away under the mouse.
    (panel.layout as PanelLayout).addWidget(card);
  }
};
