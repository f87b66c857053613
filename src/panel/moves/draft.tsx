import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Move } from '../../api/types';
import type { IDraft, MovesModel } from '../../model/moves';
import { pathOf } from '../../model/targets';
import { formatBytes, formatCount } from '../sizes';
import { Card } from './card';
import { CodeButtons } from './code';
import type { ICodeActions } from './code';
import { Folded, Lines, Trouble } from './lists';
import { Refused, StaysBehind } from './refused';
import { Space, TrainingFit } from './space';
import { amount, draftTitle, errorSentence, route } from './words';

interface IProps {
  moves: MovesModel;
  draft: IDraft;
  /** Bytes of the target in all, where it says. */
  total: number | null;
  actions: ICodeActions;
  takesFocus: () => boolean;
  trans: TranslationBundle;
}

/** What a move will do, before it is done. */
export function DraftCard(props: IProps): React.JSX.Element {
  const { moves, draft, trans } = props;
  const { request, preview, error, isAsking } = draft;
  const targets = request.targets.map(pathOf);
  const canMove =
    preview !== null &&
    preview.moved.length > 0 &&
    preview.refused.length === 0;
  const isNothing =
    preview !== null &&
    preview.moved.length === 0 &&
    preview.refused.length === 0;
  const device = preview?.device ?? request.device;
  return (
    <Card
      title={draftTitle(request.how, targets, device, trans)}
      isBusy={isAsking}
      focus={isAsking ? 'waits' : canMove ? 'ready' : 'other'}
      takesFocus={props.takesFocus}
      onEscape={() => void moves.leave()}
      footer={
        <>
          {canMove && (
            <button
              type="button"
              className="jp-dlkit-Button jp-mod-main"
              data-primary
              disabled={isAsking}
              onClick={() => void moves.confirm()}
            >
              {verb(preview, request.force, trans)}
            </button>
          )}
          {error !== null && preview === null && (
            <button
              type="button"
              className="jp-dlkit-Button jp-mod-main"
              data-primary
              disabled={isAsking}
              onClick={() => void moves.again()}
            >
              {trans.__('Look again')}
            </button>
          )}
          {error !== null && preview !== null && (
            <button
              type="button"
              className="jp-dlkit-Button"
              onClick={() => void moves.again()}
            >
              {trans.__('Look again')}
            </button>
          )}
          <button
            type="button"
            className="jp-dlkit-Button"
            data-other
            onClick={() => void moves.leave()}
          >
            {draft.back !== null
              ? trans.__('Back')
              : isNothing
                ? trans.__('Close')
                : trans.__('Cancel')}
          </button>
          {canMove && (
            <CodeButtons
              code={preview.code}
              actions={props.actions}
              trans={trans}
            />
          )}
        </>
      }
    >
      {error !== null && <Trouble {...errorSentence(error, trans)} />}
      {error !== null && error.refused.length > 0 && (
        <Refused {...props} refused={error.refused} targets={targets} />
      )}
      {preview === null && isAsking && (
        <p className="jp-dlkit-Change-text">
          {trans.__('Looking at what would move…')}
        </p>
      )}
      {preview !== null && (
        <Preview {...props} preview={preview} targets={targets} />
      )}
    </Card>
  );
}

function verb({ how }: Move, force: boolean, trans: TranslationBundle): string {
  switch (how) {
    case 'move':
      return force ? trans.__('Move nevertheless') : trans.__('Move');
    case 'copy':
      return trans.__('Copy');
    case 'rebind':
      return trans.__('Rebind');
  }
}

function Preview(
  props: IProps & { preview: Move; targets: readonly string[] }
): React.JSX.Element {
  const { preview, moves, targets, total, trans } = props;
  const { moved, already_there, refused, left_behind, warnings, fit } = preview;
  return (
    <>
      {moved.length > 0 && (
        <p className="jp-dlkit-Change-what">
          {amount(preview, trans)} · {route(preview)}
        </p>
      )}
      {moved.length === 0 && refused.length === 0 && (
        <p className="jp-dlkit-Change-text">
          {trans.__('Nothing to do: it is already on %1.', preview.device)}
        </p>
      )}
      {refused.length > 0 && (
        <Refused
          moves={moves}
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
      {left_behind.length > 0 && (
        <StaysBehind moves={moves} left={left_behind} trans={trans} />
      )}
      {fit !== null && <TrainingFit fit={fit} trans={trans} />}
      <Particulars preview={preview} trans={trans} />
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
  preview: Move;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { preview, trans } = props;
  const { moved } = preview;
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
