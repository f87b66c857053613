import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Move, MovedTensor } from '../../api/types';
import type { DraftsModel } from '../../model/drafts';
import { Folded, Lines, Trouble } from '../lists';
import { formatBytes, formatCount } from '../sizes';
import { Refused, StaysBehind } from './refused';
import { Space, TrainingFit } from './space';
import { amount, route } from './words';

/** What a move will do: how much, where it fits, what goes along, what stays. */
export function Preview(props: {
  drafts: DraftsModel;
  preview: Move;
  /** Paths of the request. */
  targets: readonly string[];
  /** Bytes of the target in all, where it says. */
  total: number | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { preview, drafts, targets, total, trans } = props;
  const { already_there, refused, left_behind, warnings, fit } = preview;
  // What cannot be done as it is asked for is not described further.
  const moved = refused.length === 0 ? preview.moved : [];
  return (
    <>
      {moved.length > 0 && (
        <p className="jp-dlkit-Change-what">
          {amount(preview, trans)} · {route(preview)}
        </p>
      )}
      {preview.moved.length === 0 && refused.length === 0 && (
        <p className="jp-dlkit-Change-text">
          {trans.__('Nothing to do: it is already on %1.', preview.device)}
        </p>
      )}
      {refused.length > 0 && (
        <Refused
          drafts={drafts}
          refused={refused}
          targets={targets}
          trans={trans}
        />
      )}
      {moved.length > 0 && preview.free !== null && (
        <Space
          device={preview.device}
          needed={preview.total_bytes}
          free={preview.free}
          total={total}
          trans={trans}
        />
      )}
      {warnings.map((warning, i) => (
        <Trouble key={i} tone="warning" text={warning} hint={null} />
      ))}
      {moved.length > 0 && left_behind.length > 0 && (
        <StaysBehind drafts={drafts} left={left_behind} trans={trans} />
      )}
      {moved.length > 0 && fit !== null && (
        <TrainingFit fit={fit} trans={trans} />
      )}
      <Particulars moved={moved} trans={trans} />
      {moved.length > 0 && already_there.length > 0 && (
        <Folded
          summary={trans._n(
            '%2 tensor is already there',
            '%2 tensors are already there',
            already_there.length,
            formatCount(already_there.length)
          )}
        >
          <Lines
            of={already_there}
            line={name => <code>{name}</code>}
            trans={trans}
          />
        </Folded>
      )}
      {preview.undo_loses.length > 0 && (
        <Folded isOpen summary={trans.__('Undo cannot bring back')}>
          <Lines of={preview.undo_loses} line={text => text} trans={trans} />
        </Folded>
      )}
    </>
  );
}

/** The tensors that move, their other names, and what shares their storages. */
function Particulars(props: {
  moved: readonly MovedTensor[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { moved, trans } = props;
  const aliased = moved.filter(({ aliases }) => aliases.length > 0);
  const names = aliased.reduce((sum, { aliases }) => sum + aliases.length, 0);
  const sharing = moved.filter(({ shares }) => shares.length > 0);
  return (
    <>
      {moved.length > 1 && (
        <Folded
          summary={trans.__('%1 tensors move', formatCount(moved.length))}
        >
          <Lines
            of={moved}
            trans={trans}
            line={({ name, from, bytes }) => (
              <div className="jp-dlkit-Left">
                <code>{name}</code>
                <span>
                  {formatBytes(bytes)} · {from}
                </span>
              </div>
            )}
          />
        </Folded>
      )}
      {aliased.length > 0 && (
        <Folded
          summary={trans._n(
            '%2 other name goes along',
            '%2 other names go along',
            names,
            formatCount(names)
          )}
        >
          <Lines
            of={aliased}
            trans={trans}
            line={({ name, aliases }) => (
              <>
                <code>{name}</code> {trans.__('is also')}{' '}
                <code>{aliases.join(', ')}</code>
              </>
            )}
          />
        </Folded>
      )}
      {sharing.length > 0 && (
        <Folded summary={trans.__('Tensors of one storage move together')}>
          <Lines
            of={sharing}
            trans={trans}
            line={({ name, bytes, storage_bytes, shares }) => (
              <>
                <code>{name}</code>{' '}
                {bytes === storage_bytes
                  ? trans.__('(%1)', formatBytes(bytes))
                  : trans.__(
                      '(%1 of a storage of %2)',
                      formatBytes(bytes),
                      formatBytes(storage_bytes)
                    )}{' '}
                {trans.__('with')} <code>{shares.join(', ')}</code>
              </>
            )}
          />
        </Folded>
      )}
    </>
  );
}
