import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** What can be done with a line of code. */
export interface ICodeActions {
  copy(code: string): void;
  /** Below the active cell; null where there is no notebook to write to. */
  insert: ((code: string) => void) | null;
}

/**
 * *Copy as code* and *Insert as cell*.
 *
 * @param props.isShown the code is written beside them: they say *Copy* only.
 */
export function CodeButtons(props: {
  code: string | null;
  isShown?: boolean;
  actions: ICodeActions;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { code, actions, trans } = props;
  const [did, setDid] = React.useState('');
  React.useEffect(() => setDid(''), [code]);
  if (code === null) {
    return null;
  }
  return (
    <span className="jp-dlkit-Code">
      <button
        type="button"
        className="jp-dlkit-Link"
        title={code}
        aria-label={
          props.isShown ? trans.__('Copy %1', code) : trans.__('Copy as code')
        }
        onClick={() => {
          actions.copy(code);
          setDid(trans.__('Copied.'));
        }}
      >
        {props.isShown ? trans.__('Copy') : trans.__('Copy as code')}
      </button>
      <button
        type="button"
        className="jp-dlkit-Link"
        aria-label={
          props.isShown
            ? trans.__('Insert %1 as cell', code)
            : trans.__('Insert as cell')
        }
        // A disabled button has no tooltip and cannot be reached.
        aria-disabled={actions.insert === null}
        title={
          actions.insert === null
            ? trans.__('A console has no cells; copy the code instead.')
            : `${trans.__('Below the active cell of the notebook:')}\n${code}`
        }
        onClick={() => {
          if (actions.insert !== null) {
            actions.insert(code);
            setDid(trans.__('Inserted below the active cell.'));
          }
        }}
      >
        {trans.__('Insert as cell')}
      </button>
      <span role="status" className="jp-dlkit-Code-did">
        {did}
      </span>
    </span>
  );
}
