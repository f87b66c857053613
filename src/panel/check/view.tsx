import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { operandName, operationOf } from '../../model/check/operations';
import type { LiveModel } from '../../model/live';
import type { ICodeActions } from '../code';
import { Trouble } from '../lists';
import { useSignals } from '../signals';
import { Answer } from './answer';
import { Question } from './question';
import { errorSentence } from './words';

interface IProps {
  live: LiveModel;
  actions: Pick<ICodeActions, 'copy'> & { insert: (code: string) => void };
  trans: TranslationBundle;
}

/** Will these shapes work together?  What to check, and the answer. */
export function CheckView({ live, actions, trans }: IProps): React.JSX.Element {
  const { check, tensors, devices } = live;
  useSignals(check.changed, live.changed);
  const { answer, error, isAsking } = check;
  // The server's memory is not that of a kernel on another machine.
  const isHere = live.kernel === null || live.kernel.pid !== null;
  const freeOn = (id: string): number | null =>
    id === 'cpu' && !isHere ? null : devices.freeOn(id);
  return (
    <div className="jp-dlkit-Check" aria-busy={isAsking}>
      <Question model={check} tensors={tensors} trans={trans} />
      {error !== null && <Trouble {...errorSentence(error, trans)} />}
      {answer !== null && (
        <Answer
          check={answer}
          actions={{
            copy: actions.copy,
            insert: live.notebook === null ? null : actions.insert
          }}
          nameOf={i => operandName(operationOf(check.question.operation), i)}
          freeOn={freeOn}
          trans={trans}
        />
      )}
      {answer === null && error === null && !isAsking && (
        <p className="jp-dlkit-Change-text">
          {trans.__(
            'Type names of tensors or shapes. Nothing is run: the shapes are compared by the rules of torch.'
          )}
        </p>
      )}
    </div>
  );
}
