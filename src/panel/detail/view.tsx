import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LiveModel } from '../../model/live';
import { useSignals } from '../signals';
import { Fields } from './fields';
import { Values } from './values';

interface IProps {
  live: LiveModel;
  onCopy: (expression: string) => void;
  trans: TranslationBundle;
}

/** The selected tensor in full, or what to do to see one. */
export function DetailView({ live, onCopy, trans }: IProps): React.JSX.Element {
  const { detail, tensors } = live;
  useSignals(detail.changed, tensors.changed);
  const { selected, table } = tensors;
  const row = selected === null ? undefined : table.row(selected);
  const tensor = detail.tensor;
  if (selected === null) {
    return (
      <p className="jp-dlkit-Empty">
        {trans.__('Choose a tensor above to see it in full.')}
      </p>
    );
  }
  const name = row === undefined ? tensor?.name : table.columns.name[row];
  return (
    <div className="jp-dlkit-Detail">
      {name !== undefined && (
        <h3 className="jp-dlkit-Detail-name">
          <code>{name}</code>
          <button
            type="button"
            className="jp-dlkit-Link"
            title={trans.__('Copy this expression')}
            onClick={() => onCopy(name)}
          >
            {trans.__('Copy')}
          </button>
        </h3>
      )}
      {detail.isGone && (
        <p className="jp-dlkit-Notice" data-tone="calm" role="status">
          {trans.__('This tensor is gone; below is what it was.')}
        </p>
      )}
      {detail.error !== null && (
        <p className="jp-dlkit-Notice" data-tone="trouble" role="alert">
          {detail.error.message}
          {detail.error.hint !== '' && (
            <span className="jp-dlkit-Notice-hint">{detail.error.hint}</span>
          )}
        </p>
      )}
      {tensor === null && detail.loading !== null && (
        <p className="jp-dlkit-Empty">{trans.__('Asking the kernel…')}</p>
      )}
      {tensor !== null && (
        <>
          {!detail.isGone && (
            <Values
              key={selected}
              model={detail}
              tensor={tensor}
              trans={trans}
            />
          )}
          <Fields
            tensor={tensor}
            onShow={id => tensors.reveal(id)}
            trans={trans}
          />
          {!tensor.autograd_known && tensor.requires_grad && (
            <p className="jp-dlkit-Note">
              {trans.__(
                'The kernel is busy: grad and grad_fn are as they were after the last cell.'
              )}
            </p>
          )}
          {tensor.note !== null && (
            <p className="jp-dlkit-Note">{tensor.note}</p>
          )}
        </>
      )}
    </div>
  );
}
