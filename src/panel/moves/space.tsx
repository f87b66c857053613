import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Fit } from '../../api/types';
import { Folded } from '../lists';
import { formatBytes } from '../sizes';
import { fitVerdict } from './words';

/**
 * What is free on the target, and what the move takes of it.
 *
 * @param props.total of the device, in bytes; null when it does not say.
 */
export function Space(props: {
  device: string;
  needed: number;
  free: number;
  total: number | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { device, needed, free, trans } = props;
  const total = Math.max(props.total ?? free, free, 1);
  const taken = Math.min(needed, free);
  const fits = needed <= free;
  const part = (name: string, bytes: number): React.JSX.Element => (
    <span
      className="jp-dlkit-Memory-part"
      data-part={name}
      style={{ flexGrow: bytes / total }}
    />
  );
  return (
    <div className="jp-dlkit-Space" data-fits={fits}>
      <div className="jp-dlkit-Memory-bar" aria-hidden="true">
        {total > free && part('others', total - free)}
        {part('move', taken)}
        {part('free', free - taken)}
      </div>
      <span>
        {fits
          ? trans.__(
              'Takes %1 of the %2 free on %3.',
              formatBytes(needed),
              formatBytes(free),
              device
            )
          : trans.__(
              'Does not fit: it takes %1, and %2 are free on %3.',
              formatBytes(needed),
              formatBytes(free),
              device
            )}
      </span>
    </div>
  );
}

/** *Will training fit?*, with what it is made of. */
export function TrainingFit(props: {
  fit: Fit;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { fit, trans } = props;
  const parts: [string, number | null][] = [
    [trans.__('parameters'), fit.parameters],
    [trans.__('gradients'), fit.gradients],
    [trans.__('optimizer state'), fit.optimizer],
    [trans.__('activations'), fit.activations]
  ];
  return (
    <Folded
      isOpen={fit.fits === false}
      summary={
        <>
          {trans.__('Will training fit?')}{' '}
          <span className="jp-dlkit-Verdict" data-fits={fit.fits}>
            {fitVerdict(fit, trans)}
          </span>
        </>
      }
    >
      <p className="jp-dlkit-Change-text">{fit.message}</p>
      <dl className="jp-dlkit-Fit">
        {parts.map(([label, bytes]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {bytes === null ? trans.__('not seen yet') : formatBytes(bytes)}
            </dd>
          </div>
        ))}
        <div data-sum>
          <dt>{trans.__('together')}</dt>
          <dd>{formatBytes(fit.needed)}</dd>
        </div>
        {fit.free !== null && (
          <div>
            <dt>{trans.__('free')}</dt>
            <dd>{formatBytes(fit.free)}</dd>
          </div>
        )}
      </dl>
    </Folded>
  );
}
