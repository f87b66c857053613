import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { LiveModel } from '../model/live';
import { pathOf } from '../model/targets';
import type { Target } from '../model/targets';
import { targetDevices } from '../panel/moves/menu';
import type { DlkitPanel } from '../panel/panel';
import { formatBytes } from '../panel/sizes';
import { CommandIDs } from './ids';
import { insertBelow } from './insert';

/** Adds the commands that change the kernel's tensors, or the notebook. */
export function addChangeCommands(
  commands: CommandRegistry,
  live: LiveModel,
  panel: DlkitPanel,
  trans: TranslationBundle
): void {
  addMove(commands, live, panel, trans);
  addDelete(commands, live, panel, trans);
  commands.addCommand(CommandIDs.undoMove, {
    label: trans.__('Undo the Last Move of Tensors'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => live.moves.moved?.move?.can_undo === true,
    execute: () => live.moves.undo()
  });
  addCheck(commands, live, panel, trans);
  commands.addCommand(CommandIDs.insertCode, {
    label: trans.__('Insert Code Below the Active Cell'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          code: {
            type: 'string',
            description: trans.__('What the new cell contains.')
          }
        },
        required: ['code']
      }
    },
    isEnabled: () => live.notebook !== null,
    execute: ({ code }) =>
      live.notebook !== null &&
      typeof code === 'string' &&
      insertBelow(live.notebook, code)
  });
}

function addMove(
  commands: CommandRegistry,
  live: LiveModel,
  panel: DlkitPanel,
  trans: TranslationBundle
): void {
  const { tensors } = live;
  const isThere = (device: string): boolean => {
    const { devices } = tensors.choice;
    return devices.size === 1 && devices.has(device);
  };
  commands.addCommand(CommandIDs.move, {
    label: ({ device }) =>
      typeof device === 'string'
        ? deviceLabel(live, device, isThere(device), trans)
        : trans.__('Move the Chosen Tensors…'),
    caption: trans.__(
      'Moves them to another device with everything that refers to them'
    ),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          device: {
            type: 'string',
            description: trans.__(
              'Where to, such as cuda:0; asked for when left out.'
            )
          },
          expressions: {
            type: 'array',
            items: { type: 'string' },
            description: trans.__(
              'Tensors, modules, optimizers or containers, as the panel shows them; what is chosen there when left out.'
            )
          }
        }
      }
    },
    isEnabled: args =>
      targetsOf(live, args).length > 0 &&
      !(
        typeof args.device === 'string' &&
        args.expressions === undefined &&
        isThere(args.device)
      ),
    execute: async args => {
      let { device } = args;
      const targets = targetsOf(live, args);
      if (typeof device !== 'string') {
        if (args.expressions === undefined && panel.offerDevices()) {
          return;
        }
        const { value } = await InputDialog.getItem({
          title: trans.__('Move to which device?'),
          items: targetDevices(live.devices)
        });
        device = value ?? undefined;
      }
      if (typeof device === 'string') {
        panel.bringUp();
        await live.moves.drafts.propose(targets, device);
      }
    }
  });
  commands.addCommand(CommandIDs.noDevice, {
    label: () =>
      live.devices.kernel?.torch === null
        ? trans.__('This kernel has not imported torch')
        : trans.__('This kernel has no other device'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => false,
    execute: () => undefined
  });
}

function addDelete(
  commands: CommandRegistry,
  live: LiveModel,
  panel: DlkitPanel,
  trans: TranslationBundle
): void {
  const { deletions } = live;
  commands.addCommand(CommandIDs.deleteTensors, {
    label: trans.__('Delete the Chosen Tensors…'),
    caption: trans.__('Deletes their names, as del does'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          expressions: {
            type: 'array',
            items: { type: 'string' },
            description: trans.__(
              'Tensors, as the panel shows them; what is chosen there when left out.'
            )
          }
        }
      }
    },
    isEnabled: args => {
      const targets = targetsOf(live, args);
      return (
        targets.length > 0 &&
        targets.every(target => typeof target !== 'string')
      );
    },
    execute: args => {
      panel.bringUp();
      deletions.ask(
        targetsOf(live, args).flatMap(target =>
          typeof target === 'string' ? [] : target.id
        )
      );
    }
  });
}

function addCheck(
  commands: CommandRegistry,
  live: LiveModel,
  panel: DlkitPanel,
  trans: TranslationBundle
): void {
  commands.addCommand(CommandIDs.checkShapes, {
    label: trans.__('Check Shapes of the Chosen Tensors'),
    caption: trans.__('Says whether they work together, without running it'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          expressions: {
            type: 'array',
            items: { type: 'string' },
            description: trans.__(
              'Tensors, as the panel shows them; what is chosen there when left out.'
            )
          }
        }
      }
    },
    execute: async args => {
      const targets = targetsOf(live, args).map(pathOf);
      if (targets.length > 0) {
        live.check.take(targets);
      }
      await commands.execute(CommandIDs.show);
      panel.focusCheck();
    }
  });
}

/** What a command is about: what it names, or else what is chosen. */
function targetsOf(
  { tensors }: LiveModel,
  { expressions }: ReadonlyPartialJSONObject
): readonly Target[] {
  if (!Array.isArray(expressions)) {
    return tensors.choice.targets;
  }
  return expressions.map(String).map(path => {
    const id = tensors.find(path);
    return id === null ? path : { id, path };
  });
}

function deviceLabel(
  live: LiveModel,
  id: string,
  isThere: boolean,
  trans: TranslationBundle
): string {
  const device = live.devices.kernel?.devices.find(other => other.id === id);
  const about = [
    id,
    ...(device?.name && device.name !== id ? [device.name] : []),
    ...(isThere
      ? [trans.__('already there')]
      : device && device.free !== null
        ? [trans.__('%1 free', formatBytes(device.free))]
        : [])
  ];
  return about.join(' · ');
}
