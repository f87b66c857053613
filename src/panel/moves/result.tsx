import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IMoved, IMoving } from '../../model/course';
import type { MovesModel } from '../../model/moves';
import { Button } from '../button';
import { CodeButtons } from '../code';
import type { ICodeActions } from '../code';
import { Trouble } from '../lists';
import { formatBytes } from '../sizes';
import { Dismiss } from './card';
import {
  endSentence,
  errorSentence,
  measured,
  several,
  waitsForCell
} from './words';

/** A move that is queued or running. */
export function MovingLine(props: {
  moves: MovesModel;
  moving: IMoving;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { moves, moving, trans } = props;
  const { move, request, undoes, error } = moving;
  const what = several(moving.targets, trans);
  const isQueued = move?.state === 'queued';
  // What is over in a moment is not worth a flicker.
  const isPatient = React.useRef(!isQueued).current;
  const progress = isQueued ? null : (move?.progress ?? null);
  return (
    <div className="jp-dlkit-Change-line" data-patient={isPatient || undefined}>
      <div className="jp-dlkit-Change-head">
        <span className="jp-dlkit-Change-sentence">
          {move !== null && waitsForCell(move)
            ? undoes === null
              ? trans.__(
                  'Queued behind the running cell: %1 to %2.',
                  what,
                  move.device
                )
              : trans.__(
                  'Queued behind the running cell: undoing the move of %1.',
                  what
                )
            : undoes === null
              ? trans.__(
                  'Moving %1 to %2…',
                  what,
                  move?.device ?? request?.device ?? ''
                )
              : trans.__('Putting %1 back…', what)}
        </span>
        {isQueued && (
          <Button
            // A disabled one would lose the focus.
            aria-disabled={moving.isCancelling}
            onClick={() => void moves.cancel(moving)}
          >
            {trans.__('Cancel')}
          </Button>
        )}
      </div>
      {!isQueued && (
        <div className="jp-dlkit-Progress">
          <progress
            aria-label={trans.__('Moving %1', what)}
            {...(progress === null
              ? {}
              : { value: progress.done, max: Math.max(1, progress.total) })}
          />
          {progress !== null && (
            <span>
              {formatBytes(progress.done)} / {formatBytes(progress.total)}
            </span>
          )}
        </div>
      )}
      {error !== null && <Trouble {...errorSentence(error, trans)} />}
    </div>
  );
}

/** How the last move ended, with *Undo*. */
export function MovedLine(props: {
  moves: MovesModel;
  moved: IMoved;
  actions: ICodeActions;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { moves, trans } = props;
  const { move, error, targets } = props.moved;
  const said = move === null ? null : endSentence(move, targets, trans);
  const isFine = move?.state === 'done' || move?.state === 'undone';
  return (
    <div className="jp-dlkit-Change-line" data-state={move?.state ?? 'failed'}>
      <div className="jp-dlkit-Change-head">
        {said !== null && (isFine || move?.state === 'cancelled') ? (
          <span className="jp-dlkit-Change-sentence">{said.text}</span>
        ) : (
          <span className="jp-dlkit-Change-sentence">
            {trans.__('%1 did not move.', several(targets, trans))}
          </span>
        )}
        <Dismiss label={trans.__('Dismiss')} onClick={() => moves.dismiss()} />
      </div>
      {move?.state === 'failed' && said !== null && <Trouble {...said} />}
      {error !== null && <Trouble {...errorSentence(error, trans)} />}
      {move !== null && isFine && <Measured move={move} trans={trans} />}
      {move?.state === 'done' && (
        <div className="jp-dlkit-Card-footer">
          {move.can_undo && (
            <Button
              title={
                move.undo_loses.length > 0
                  ? `${trans.__('Undo cannot bring back')}:\n${move.undo_loses.join('\n')}`
                  : trans.__('Puts everything back as it was')
              }
              onClick={() => void moves.undo()}
            >
              {trans.__('Undo')}
            </Button>
          )}
          <CodeButtons code={move.code} actions={props.actions} trans={trans} />
        </div>
      )}
      {move?.state === 'done' &&
        move.can_undo &&
        move.undo_loses.length > 0 && (
          <p className="jp-dlkit-Change-text">
            {trans.__('Undo cannot bring back: %1', move.undo_loses.join('; '))}
          </p>
        )}
    </div>
  );
}

/** Measured bytes of each device, and who still holds what should be free. */
function Measured(props: {
  move: NonNullable<IMoved['move']>;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { move, trans } = props;
  const bytes = measured(move);
  return (
    <>
      {bytes.length > 0 && (
        <p
          className="jp-dlkit-Change-text"
          title={trans.__('Measured before and after')}
        >
          {bytes.join(' · ')}
        </p>
      )}
      {move.warnings.map((warning, i) => (
        <Trouble key={i} tone="warning" text={warning} hint={null} />
      ))}
      {move.still_held_by.length > 0 && (
        <Trouble
          tone="warning"
          text={trans.__('Not all of it was freed: something still holds it.')}
          hint={move.still_held_by.join(', ')}
        />
      )}
    </>
  );
}
