import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Clipboard,
  Dialog,
  ICommandPalette,
  showDialog
} from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { CommandIDs } from '../commands/ids';
import type { LiveModel } from '../model/live';
import { ILiveModel } from '../model/tokens';
import type { DlkitPanel } from '../panel/panel';
import { IDlkitPanel } from '../panel/tokens';
import { DoctorClient } from './client';
import { SHOW_DOCTOR } from './ids';
import { DoctorModel } from './model';
import { DoctorView } from './view';

/** The section of the panel that says whether the machine is fit. */
export const doctorPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-dlkit:doctor',
  description: 'Why there is no GPU, and whether this machine is fit.',
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
    const doctors = new DoctorModel(
      new DoctorClient(app.serviceManager.serverSettings),
      live
    );
    app.serviceManager.kernels.runningChanged.connect((_, running) => {
      doctors.keep(running.map(({ id }) => id));
    });
    const checkFiles = async (): Promise<void> => {
      const { button } = await showDialog({
        title: trans.__('Check the files of the installation?'),
        body: trans.__(
          'Every file of torch and its CUDA packages is read, some gigabytes, and compared with the SHA-256 that its package names. It can take minutes, can be cancelled, and changes nothing.'
        ),
        buttons: [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.okButton({ label: trans.__('Check Files') })
        ]
      });
      if (button.accept) {
        await doctors.examine(true);
      }
    };
    panel.addSection({
      name: 'doctor',
      label: trans.__('Doctor'),
      view: (
        <DoctorView
          live={live}
          doctors={doctors}
          onCopy={text => Clipboard.copyToSystem(text)}
          onCheckFiles={() => void checkFiles()}
          trans={trans}
        />
      ),
      rank: 20,
      onVisible: isVisible => {
        doctors.isActive = isVisible;
      }
    });
    app.commands.addCommand(SHOW_DOCTOR, {
      label: trans.__('Show the Doctor: Why Is There No GPU?'),
      caption: trans.__('What was found of the machine and the installation'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        await app.commands.execute(CommandIDs.show);
        panel.expand('doctor');
        // Opened in the next frame.
        window.requestAnimationFrame(() => {
          panel.node
            .querySelector<HTMLElement>('.jp-dlkit-Doctor-places button')
            ?.focus();
        });
      }
    });
    palette?.addItem({
      command: SHOW_DOCTOR,
      category: trans.__('DL Kit')
    });
  }
};
