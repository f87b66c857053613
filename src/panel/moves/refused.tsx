import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LeftBehind, RefusedTensor } from '../../api/types';
import type { MovesModel } from '../../model/moves';
import { Lines } from './lists';

/** What cannot be moved, why, and what can be done instead. */
export function Refused(props: {
  moves: MovesModel;
  refused: readonly RefusedTensor[];
  /** Paths that can be left out of the request. */
  targets: readonly string[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { moves, refused, targets, trans } = props;
  return (
    <section className="jp-dlkit-Part">
      <h4>{trans.__('Cannot be moved')}</h4>
      <Lines
        of={refused}
        trans={trans}
        line={one => (
          <>
            <code>{one.name}</code>
            <p className="jp-dlkit-Change-text">
              {one.message} {one.hint}
            </p>
            <div className="jp-dlkit-Buttons">
              {one.alternatives.map((alternative, i) => (
                <button
                  key={i}
                  type="button"
                  className="jp-dlkit-Button"
                  title={alternative.code ?? undefined}
                  onClick={() => void moves.instead(one.name, alternative)}
                >
                  {alternative.message}
                </button>
              ))}
              {targets.length > 1 && targets.includes(one.name) && (
                <button
                  type="button"
                  className="jp-dlkit-Button"
                  onClick={() => void moves.leaveOut(one.name)}
                >
                  {trans.__('Leave it out')}
                </button>
              )}
            </div>
          </>
        )}
      />
      {refused.every(({ forcible }) => forcible) && (
        <>
          <p className="jp-dlkit-Change-text">
            {trans.__(
              'It can be moved nevertheless: a backward() that is still to come may then fail, or leave gradients on the old device.'
            )}
          </p>
          <button
            type="button"
            className="jp-dlkit-Button"
            onClick={() => void moves.force()}
          >
            {trans.__('Move nevertheless…')}
          </button>
        </>
      )}
    </section>
  );
}

/** What stays where it is, why, and a button that takes it along. */
export function StaysBehind(props: {
  moves: MovesModel;
  left: readonly LeftBehind[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { moves, left, trans } = props;
  return (
    <section className="jp-dlkit-Part">
      <h4>{trans.__('Stays behind')}</h4>
      <Lines
        of={left}
        trans={trans}
        line={({ name, why, path }) => (
          <div className="jp-dlkit-Left">
            <span>
              <code>{name}</code> {why}
            </span>
            {path !== null && (
              <button
                type="button"
                className="jp-dlkit-Link"
                aria-label={trans.__('Move %1 too', name)}
                onClick={() => void moves.include(path)}
              >
                {trans.__('Move too')}
              </button>
            )}
          </div>
        )}
      />
    </section>
  );
}
