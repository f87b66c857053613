import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { DeviceMemory } from '../api/types';
import { formatBytes } from '../panel/sizes';
import { KINDS, kindText } from './kinds';
import { byKind } from './owners';

interface IProps {
  device: DeviceMemory;
  trans: TranslationBundle;
}

/** What a device's memory is used for; {@link Legend} says it in words. */
export function Bar({ device, trans }: IProps): React.JSX.Element {
  const sums = byKind(device);
  const known = Array.from(sums.values()).reduce((all, one) => all + one, 0);
  const total = Math.max(device.total ?? 0, known, 1);
  const others =
    device.total === null || device.free === null
      ? 0
      : Math.max(0, device.total - device.free - known);
  const part = (
    kind: string,
    text: string,
    bytes: number
  ): React.JSX.Element => (
    <span
      key={kind}
      className="jp-dlkit-Memory-part"
      data-kind={kind}
      style={{ flexGrow: bytes / total }}
      title={`${text}: ${formatBytes(bytes)}`}
    />
  );
  return (
    <div className="jp-dlkit-Memory-bar" aria-hidden="true">
      {KINDS.filter(kind => sums.has(kind)).map(kind =>
        part(kind, kindText(kind, trans), sums.get(kind)!)
      )}
      {others > 0 &&
        part('untold', trans.__('others, and what is no tensor'), others)}
      {part('free', trans.__('free'), Math.max(0, total - known - others))}
    </div>
  );
}

/** The kinds of the bar by name. */
export function Legend({ device, trans }: IProps): React.JSX.Element {
  const sums = byKind(device);
  return (
    <ul className="jp-dlkit-Memory-legend">
      {KINDS.filter(kind => sums.has(kind)).map(kind => (
        <li key={kind} data-kind={kind}>
          {kindText(kind, trans)} {formatBytes(sums.get(kind)!)}
        </li>
      ))}
    </ul>
  );
}
