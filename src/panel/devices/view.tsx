import type { IThemeManager } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Host, Space } from '../../api/types';
import type { IAccelerator } from '../../model/devices';
import { HOST } from '../../model/history';
import type { LiveModel } from '../../model/live';
import { hostMemory } from '../../model/memory';
import { explain } from '../glossary';
import { useSignals, useTheme } from '../signals';
import { formatBytes } from '../sizes';
import { DeviceRow } from './row';

interface IProps {
  live: LiveModel;
  /** Charts draw in the colours of the theme. */
  themes: IThemeManager | null;
  /** A person asks why the kernel has no accelerator. */
  onWhy: () => void;
  trans: TranslationBundle;
}

/** The accelerators, the host, and what is nearly full. */
export function DevicesView({
  live,
  themes,
  onWhy,
  trans
}: IProps): React.JSX.Element {
  const { devices, tensors, settings } = live;
  useSignals(devices.changed, tensors.changed, settings.changed, live.changed);
  const theme = useTheme(themes);
  const { status } = devices;
  if (status === null) {
    return (
      <p className="jp-dlkit-Empty">
        {live.isWatched
          ? trans.__('Asking the server for its devices…')
          : trans.__('Not looking.')}
      </p>
    );
  }
  const accelerators = devices.accelerators(live.current?.id ?? null);
  // Before torch is imported nobody misses one.
  const why = (devices.kernel?.torch ?? null) !== null &&
    accelerators.every(({ own }) => own === null) && (
      <button type="button" className="jp-dlkit-Link" onClick={onWhy}>
        {trans.__('Why is there no GPU?')}
      </button>
    );
  const shared = { theme, trans, sparkline: settings.values.sparkline };
  return (
    <>
      <ul className="jp-dlkit-Devices">
        {accelerators.map(row => (
          <DeviceRow
            key={row.key}
            name={row.name}
            aside={row.ordinal ?? gpuNumber(row, trans)}
            asideTitle={
              row.ordinal === null
                ? trans.__('The driver’s number; this kernel does not use it')
                : trans.__('What this kernel calls it')
            }
            memory={row.memory}
            load={row.device?.utilization ?? null}
            series={devices.history.series(row.key)}
            facts={acceleratorFacts(row, trans)}
            note={row.device?.note ?? null}
            {...shared}
          />
        ))}
        <DeviceRow
          name={trans.__('CPU and RAM')}
          aside={machine(status.host, trans)}
          isAsideSpare
          asideTitle={trans.__('The machine on which the server runs')}
          memory={hostMemory(
            status.host,
            tensors.table.totals['cpu']?.bytes ?? 0
          )}
          load={status.host.cpu_percent}
          series={devices.history.series(HOST)}
          facts={hostFacts(status.host, trans)}
          note={null}
          {...shared}
        />
      </ul>
      {devices.lowSpaces.map(space => (
        <LowSpace key={space.path} space={space} trans={trans} />
      ))}
      {accelerators.length === 0 && (
        <p className="jp-dlkit-Note" title={explain('accelerator', trans)}>
          {trans.__('No accelerator was found: tensors are on the CPU.')}{' '}
          {status.note} {why}
        </p>
      )}
      {accelerators.length > 0 && (devices.kernel?.note || why) && (
        <p className="jp-dlkit-Note">
          {devices.kernel?.note} {why}
        </p>
      )}
    </>
  );
}

function LowSpace(props: {
  space: Space;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { path, free, total } = props.space;
  return (
    <p className="jp-dlkit-Note jp-mod-warning">
      {props.trans.__(
        '%1 is nearly full: %2 of %3 are free.',
        path,
        formatBytes(free),
        formatBytes(total)
      )}
    </p>
  );
}

function gpuNumber(
  { device }: IAccelerator,
  trans: TranslationBundle
): string | null {
  return device === null ? null : trans.__('GPU %1', device.index);
}

function acceleratorFacts(
  { device }: IAccelerator,
  trans: TranslationBundle
): { text: string; title: string }[] {
  const facts = [];
  if (device !== null && device.temperature !== null) {
    facts.push({
      text: `${Math.round(device.temperature)} °C`,
      title: trans.__('Temperature')
    });
  }
  if (device !== null && device.power.draw !== null) {
    const { draw, limit } = device.power;
    facts.push({
      text: `${Math.round(draw)} W`,
      title:
        limit === null
          ? trans.__('Power')
          : trans.__('Power; its limit is %1 W', Math.round(limit))
    });
  }
  return facts;
}

function hostFacts(
  { memory }: Host,
  trans: TranslationBundle
): { text: string; title: string }[] {
  return memory.limit === null
    ? []
    : [
        {
          text: trans.__('container limit'),
          title: trans.__(
            'This container may use %1; the machine has %2.',
            formatBytes(memory.limit),
            formatBytes(memory.total)
          )
        }
      ];
}

function machine(
  { name, cpu_count }: Host,
  trans: TranslationBundle
): string | null {
  const cores =
    cpu_count === null ? null : trans._n('%1 core', '%1 cores', cpu_count);
  return [name, cores].filter(part => part !== null).join(', ') || null;
}
