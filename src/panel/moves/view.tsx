import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LiveModel } from '../../model/live';
import type { ICodeActions } from '../code';
import { useSignals } from '../signals';
import { DeletedLine, DeletionCard } from './deletion';
import { DraftCard } from './draft';
import { useLostFocus } from './focus';
import { MovedLine, MovingLine } from './result';
import {
  deletedSentence,
  endSentence,
  errorSentence,
  waitsForCell
} from './words';

interface IProps {
  live: LiveModel;
  actions: Pick<ICodeActions, 'copy'> & { insert: (code: string) => void };
  /** Whether a person has just brought something up; says so once. */
  takesFocus: () => boolean;
  /** What had the focus is gone: it goes back to the table. */
  onLostFocus: () => void;
  trans: TranslationBundle;
}

/** Moves and deletions: asked about, under way, ended.  Mostly: nothing. */
export function ChangesView(props: IProps): React.JSX.Element {
  const { live, takesFocus, onLostFocus, trans } = props;
  const { moves, deletions } = live;
  useSignals(moves.changed, deletions.changed, live.changed);
  const { drafts, moving, moved } = moves;
  const draft = drafts.current;
  const { asked, sent } = deletions;
  const isAsked = draft !== null || asked.length > 0;
  const whole = React.useRef<HTMLDivElement>(null);
  useLostFocus(whole, onLostFocus);
  const actions: ICodeActions = {
    copy: props.actions.copy,
    insert: live.notebook === null ? null : props.actions.insert
  };
  const device = live.devices.kernel?.devices.find(
    ({ id }) => id === (draft?.preview?.device ?? draft?.request.device)
  );
  return (
    <div ref={whole}>
      <p className="jp-dlkit-Aloud" role="status">
        {aloud(live, trans)}
      </p>
      {asked.length > 0 && (
        <DeletionCard
          deletions={deletions}
          doomed={asked}
          takesFocus={takesFocus}
          trans={trans}
        />
      )}
      {draft !== null && (
        <DraftCard
          drafts={drafts}
          draft={draft}
          onConfirm={() => void moves.confirm()}
          total={device?.total ?? null}
          actions={actions}
          takesFocus={takesFocus}
          trans={trans}
        />
      )}
      {moving.map((one, i) => (
        <MovingLine key={i} moves={moves} moving={one} trans={trans} />
      ))}
      {sent.length > 0 && !isAsked && (
        <DeletedLine deletions={deletions} sent={sent} trans={trans} />
      )}
      {moved !== null && !isAsked && (
        <MovedLine
          moves={moves}
          moved={moved}
          actions={actions}
          trans={trans}
        />
      )}
    </div>
  );
}

/** What a screen reader says when something ended. */
function aloud(
  { moves, deletions }: LiveModel,
  trans: TranslationBundle
): string {
  const { moving, moved, drafts } = moves;
  const draft = drafts.current;
  if (moving.some(({ move }) => move !== null && waitsForCell(move))) {
    return trans.__('The move is queued behind the running cell.');
  }
  if (draft?.error) {
    return errorSentence(draft.error, trans).text;
  }
  const said: string[] = [];
  if (deletions.sent.length > 0) {
    said.push(deletedSentence(deletions.sent, trans));
  }
  if (moved !== null) {
    const { move, error, targets } = moved;
    if (error !== null) {
      said.push(errorSentence(error, trans).text);
    } else if (move !== null) {
      said.push(endSentence(move, targets, trans).text);
    }
  }
  return said.join(' ');
}
