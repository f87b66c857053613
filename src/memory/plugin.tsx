import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, ReactWidget } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { PanelLayout } from '@lumino/widgets';
import * as React from 'react';
import { Client } from '../api/client';
import { CommandIDs } from '../commands/ids';
import type { LiveModel } from '../model/live';
import { ILiveModel } from '../model/tokens';
import type { DlkitPanel } from '../panel/panel';
import { IDlkitPanel } from '../panel/tokens';
import { ReleaseLines } from './lines';
import { MemoryModel } from './model';
import { ReleasesModel } from './releases';
import { IReleases } from './tokens';
import { MemoryView } from './view';
import { isReleasable } from './words';

/** The section of the panel that says who has the memory, and gives it back. */
export const memoryPlugin: JupyterFrontEndPlugin<ReleasesModel> = {
  id: 'jupyter-dlkit:memory',
  description: 'Who owns every byte, and what each cell changed.',
  autoStart: true,
  provides: IReleases,
  requires: [ILiveModel, IDlkitPanel],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    live: LiveModel,
    panel: DlkitPanel,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): ReleasesModel => {
    const trans = (translator ?? nullTranslator).load('jupyter_dlkit');
    const client = new Client(app.serviceManager.serverSettings);
    const memory = new MemoryModel(client, live);
    const releases = new ReleasesModel(client, live);
    const shared = { live, releases, trans };
    panel.addSection({
      name: 'memory',
      label: trans.__('Memory'),
      view: <MemoryView {...shared} memory={memory} />,
      rank: 10,
      onVisible: isVisible => {
        memory.isActive = isVisible;
      }
    });
    const lines = ReactWidget.create(
      <ReleaseLines {...shared} onLostFocus={() => panel.node.focus()} />
    );
    lines.addClass('jp-dlkit-Section');
    lines.node.dataset.section = 'releases';
    // Below the sections, so that no line moves away under the mouse.
    (panel.layout as PanelLayout).addWidget(lines);

    app.commands.addCommand(CommandIDs.showMemory, {
      label: trans.__('Show Who Has the Memory'),
      caption: trans.__('Every byte of each device, by its owner'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        await app.commands.execute(CommandIDs.show);
        panel.expand('memory');
      }
    });
    app.commands.addCommand(CommandIDs.release, {
      label: ({ what }) =>
        what === 'last_exception'
          ? trans.__('Clear the Last Exception')
          : what === 'output_history'
            ? trans.__('Release All Outputs')
            : what === 'allocator_cache'
              ? trans.__('Empty the Allocator’s Cache')
              : trans.__('Release Memory'),
      caption: trans.__('Gives memory back, and says what was measured'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            what: {
              type: 'string',
              description: trans.__(
                'output_history, output:7, last_exception, garbage, allocator_cache, gradients:model or name:x.'
              )
            }
          },
          required: ['what']
        }
      },
      isEnabled: () => live.current !== null,
      execute: async ({ what }) => {
        if (typeof what === 'string' && isReleasable(what)) {
          await app.commands.execute(CommandIDs.show);
          await releases.release(what);
        }
      }
    });
    const category = trans.__('DL Kit');
    palette?.addItem({ command: CommandIDs.showMemory, category });
    for (const what of [
      'last_exception',
      'output_history',
      'allocator_cache'
    ]) {
      palette?.addItem({
        command: CommandIDs.release,
        args: { what },
        category
      });
    }
    return releases;
  }
};
