import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { isOpen } from '../../model/deletions';
import type { DeletionsModel, IDeleting, IDoomed } from '../../model/deletions';
import { Button } from '../button';
import { Lines, Trouble } from '../lists';
import { formatBytes, formatCount } from '../sizes';
import { Card, Dismiss } from './card';
import { deletedSentence, errorSentence, measured, several } from './words';

/** Asks whether these tensors shall be deleted, by all their names. */
export function DeletionCard(props: {
  deletions: DeletionsModel;
  doomed: readonly IDoomed[];
  takesFocus: () => boolean;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { deletions, doomed, trans } = props;
  const names = doomed.map(({ name }) => name);
  const [first] = doomed;
  const all = doomed.flatMap(({ name, aliases }) => [name, ...aliases]);
  return (
    <Card
      title={trans.__('Delete %1?', several(names, trans))}
      isBusy={false}
      focus="ready"
      takesFocus={props.takesFocus}
      onEscape={() => deletions.leave()}
      footer={
        <>
          <Button isMain data-primary onClick={() => void deletions.confirm()}>
            {trans.__('Delete')}
          </Button>
          <Button onClick={() => deletions.leave()}>
            {trans.__('Cancel')}
          </Button>
        </>
      }
    >
      <p className="jp-dlkit-Change-text">
        {doomed.length === 1
          ? trans._n(
              'This name goes, as del would take it:',
              'These names go, as del would take them, but for those that something else needs:',
              all.length
            )
          : trans.__(
              '%1 tensors and all their names go, as del would take them:',
              formatCount(doomed.length)
            )}
      </p>
      <Lines of={all} line={name => <code>{name}</code>} trans={trans} />
      <p className="jp-dlkit-Change-text">
        {doomed.length === 1
          ? trans.__(
              'Its %1 are free once nothing else holds them. This cannot be undone.',
              formatBytes(first.bytes)
            )
          : trans.__(
              'Their memory is free once nothing else holds it. This cannot be undone.'
            )}
      </p>
    </Card>
  );
}

/** Deletions under way, or how they ended. */
export function DeletedLine(props: {
  deletions: DeletionsModel;
  sent: readonly IDeleting[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { deletions, sent, trans } = props;
  const waits = sent.filter(isOpen);
  const isQueued = waits.some(({ deletion }) => deletion?.state === 'queued');
  return (
    <div
      className="jp-dlkit-Change-line"
      data-patient={(waits.length > 0 && !isQueued) || undefined}
    >
      <div className="jp-dlkit-Change-head">
        <span className="jp-dlkit-Change-sentence">
          {deletedSentence(sent, trans)}
        </span>
        {isQueued ? (
          <Button onClick={() => void deletions.cancel()}>
            {trans.__('Cancel')}
          </Button>
        ) : (
          waits.length === 0 && (
            <Dismiss
              label={trans.__('Dismiss')}
              onClick={() => deletions.dismiss()}
            />
          )
        )}
      </div>
      {sent.map((one, i) => (
        <Particulars
          key={i}
          one={one}
          isAlone={sent.length === 1}
          trans={trans}
        />
      ))}
    </div>
  );
}

/** What became of one tensor, as far as there is more to say. */
function Particulars(props: {
  one: IDeleting;
  isAlone: boolean;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { one, isAlone, trans } = props;
  const { deletion, error, doomed } = one;
  const named = (text: string): string =>
    isAlone ? text : `${doomed.name}: ${text}`;
  if (error !== null) {
    const said = errorSentence(error, trans);
    return <Trouble text={named(said.text)} hint={said.hint} />;
  }
  if (deletion?.state === 'failed') {
    return <Trouble text={named(deletion.message)} hint={deletion.hint} />;
  }
  if (deletion?.state !== 'done') {
    return null;
  }
  const bytes = measured(deletion);
  return (
    <>
      {bytes.length > 0 && (
        <p className="jp-dlkit-Change-text">{named(bytes.join(' · '))}</p>
      )}
      {deletion.kept.length > 0 && (
        <Trouble
          tone="warning"
          text={named(
            trans.__(
              'These names stay, as they belong to something that needs them:'
            )
          )}
          hint={deletion.kept.join(', ')}
        />
      )}
      {deletion.still_held_by.length > 0 && (
        <Trouble
          tone="warning"
          text={named(
            trans.__('Its memory is not free yet: it is still held by')
          )}
          hint={deletion.still_held_by.join(', ')}
        />
      )}
    </>
  );
}
