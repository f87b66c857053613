import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Menu } from '@lumino/widgets';
import { CommandIDs } from '../../commands/ids';
import type { DevicesModel } from '../../model/devices';

/** The devices to which this kernel's torch can move something. */
export function targetDevices({ kernel }: DevicesModel): string[] {
  return (kernel?.devices ?? [])
    .filter(({ type }) => type !== 'meta')
    .map(({ id }) => id);
}

/**
 * A menu of the devices of the current kernel; each moves what is chosen there.
 */
export function deviceMenu(
  commands: CommandRegistry,
  devices: DevicesModel,
  trans: TranslationBundle
): Menu {
  const menu = new MenuSvg({ commands });
  menu.title.label = trans.__('Move to');
  let known = '';
  const fill = (): void => {
    const ids = targetDevices(devices);
    const key = ids.join();
    if (key === known && menu.items.length > 0) {
      return;
    }
    known = key;
    menu.clearItems();
    for (const device of ids) {
      menu.addItem({ command: CommandIDs.move, args: { device } });
    }
    if (ids.length < 2) {
      menu.addItem({ command: CommandIDs.noDevice });
    }
  };
  devices.changed.connect(fill);
  menu.disposed.connect(() => devices.changed.disconnect(fill));
  fill();
  return menu;
}
