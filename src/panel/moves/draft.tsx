import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Move } from '../../api/types';
import type { DraftsModel, IDraft } from '../../model/drafts';
import { pathOf } from '../../model/targets';
import { Button } from '../button';
import { CodeButtons } from '../code';
import type { ICodeActions } from '../code';
import { Trouble } from '../lists';
import { Card } from './card';
import { Preview } from './preview';
import { Refused } from './refused';
import { draftTitle, errorSentence } from './words';

interface IProps {
  drafts: DraftsModel;
  onConfirm: () => void;
  draft: IDraft;
  /** Bytes of the target in all, where it says. */
  total: number | null;
  actions: ICodeActions;
  takesFocus: () => boolean;
  trans: TranslationBundle;
}

/** What a move will do, before it is done. */
export function DraftCard(props: IProps): React.JSX.Element {
  const { drafts, draft, trans } = props;
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
      onEscape={() => void drafts.leave()}
      footer={
        <>
          {canMove && (
            <Button
              isMain
              data-primary
              disabled={isAsking}
              onClick={() => props.onConfirm()}
            >
              {verb(preview, request.force, trans)}
            </Button>
          )}
          {error !== null && (
            <Button
              isMain={preview === null}
              data-primary={preview === null || undefined}
              disabled={isAsking}
              onClick={() => void drafts.again()}
            >
              {trans.__('Look again')}
            </Button>
          )}
          <Button data-other onClick={() => void drafts.leave()}>
            {draft.back !== null
              ? trans.__('Back')
              : isNothing
                ? trans.__('Close')
                : trans.__('Cancel')}
          </Button>
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
        <Refused
          drafts={drafts}
          refused={error.refused}
          targets={targets}
          trans={trans}
        />
      )}
      {preview === null && isAsking && (
        <p className="jp-dlkit-Change-text">
          {trans.__('Looking at what would move…')}
        </p>
      )}
      {preview !== null && (
        <Preview
          drafts={drafts}
          preview={preview}
          targets={targets}
          total={props.total}
          trans={trans}
        />
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
