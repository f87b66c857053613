import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Button } from '../panel/button';
import { formatUsed } from '../panel/sizes';
import type { DoctorRun } from './types';

/** How far an examination has come, and how to end it. */
export function Running(props: {
  run: DoctorRun;
  onCancel: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { run, trans } = props;
  const { progress } = run;
  const label = run.integrity
    ? trans.__('Checking the files…')
    : trans.__('Examining…');
  // The files take nearly all of the time, once they are read.
  const [done, total] =
    progress === null ? [run.done, run.total] : [progress.done, progress.total];
  return (
    <div className="jp-dlkit-Doctor-running">
      <div className="jp-dlkit-Doctor-runline">
        <span>{label}</span>
        <span className="jp-dlkit-Doctor-counts">
          {progress === null
            ? countText(run, trans)
            : trans.__(
                '%1 of %2',
                ...formatUsed(progress.done, progress.total)
              )}
        </span>
        <Button onClick={props.onCancel}>{trans.__('Cancel')}</Button>
      </div>
      <progress
        aria-label={label}
        {...(total === null || total === 0 ? {} : { max: total, value: done })}
      />
      {run.doing !== null && (
        <p className="jp-dlkit-Doctor-doing">{run.doing}</p>
      )}
    </div>
  );
}

function countText(
  { done, total }: DoctorRun,
  trans: TranslationBundle
): string {
  return total === null
    ? trans._n('%1 check', '%1 checks', done)
    : trans.__('%1 of %2 checks', done, total);
}
