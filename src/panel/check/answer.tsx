import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Check, CheckMend, CheckStep } from '../../api/types';
import { CodeButtons } from '../code';
import type { ICodeActions } from '../code';
import { Folded, Trouble } from '../lists';
import { formatShape } from '../sizes';
import { Picture } from './picture';
import { resultSentence, roomSentence, SIGNS } from './words';

interface IProps {
  actions: ICodeActions;
  /** What an operand without a name is called. */
  nameOf: (index: number) => string;
  /** Bytes free on a device; null where that is not known. */
  freeOn: (device: string) => number | null;
  trans: TranslationBundle;
}

/** Whether it fits, as a picture and in words, and how to mend it. */
export function Answer(props: IProps & { check: Check }): React.JSX.Element {
  const { check, trans } = props;
  const { steps } = check;
  return (
    <div className="jp-dlkit-Answer">
      <Verdict {...props} />
      {steps === undefined ? (
        <Particulars {...props} />
      ) : (
        <Steps {...props} steps={steps} />
      )}
      {steps?.length === 0 && check.problems.length === 0 && (
        <p className="jp-dlkit-Change-text">
          {trans.__('There is no operation in it that the checker knows.')}
        </p>
      )}
    </div>
  );
}

/** In one line: it works, and what comes out; or it does not. */
function Verdict(props: IProps & { check: Check }): React.JSX.Element {
  const { check, freeOn, trans } = props;
  const { ok, result, undetermined, warnings } = check;
  const room =
    result === null ? null : roomSentence(result, freeOn(result.device), trans);
  const isOdd = isTrap(warnings) || room?.fits === false;
  const tone = !ok ? 'clash' : isOdd ? 'trap' : 'equal';
  return (
    <p className="jp-dlkit-Answer-verdict" data-tone={tone} role="status">
      <span className="jp-dlkit-Answer-sign" aria-hidden="true">
        {ok ? (tone === 'trap' ? '!' : '✓') : SIGNS.clash}
      </span>
      <span>
        <strong>
          {!ok
            ? trans.__('It would fail.')
            : tone === 'trap'
              ? trans.__('It runs, but look.')
              : trans.__('It works.')}
        </strong>{' '}
        {result !== null && (
          <>
            {resultSentence(result, trans)}
            {room !== null && (
              <span className="jp-dlkit-Verdict" data-fits={room.fits}>
                {' '}
                {room.text}
              </span>
            )}
          </>
        )}
        {ok && result === null && (undetermined ?? '')}
      </span>
    </p>
  );
}

/** The operations of an expression, those with something to say open. */
function Steps(
  props: IProps & { steps: readonly CheckStep[] }
): React.JSX.Element {
  const { steps, trans } = props;
  return (
    <ol className="jp-dlkit-Steps">
      {steps.map((step, i) => (
        <li key={`${i} ${step.source}`}>
          <Folded
            isOpen={!step.ok || isTrap(step.warnings)}
            summary={
              <>
                <span
                  className="jp-dlkit-Answer-sign"
                  data-tone={
                    !step.ok
                      ? 'clash'
                      : isTrap(step.warnings)
                        ? 'trap'
                        : 'equal'
                  }
                  aria-label={
                    step.ok ? trans.__('works') : trans.__('would fail')
                  }
                  role="img"
                >
                  {!step.ok ? SIGNS.clash : isTrap(step.warnings) ? '!' : '✓'}
                </span>{' '}
                <code>{step.source}</code>{' '}
                {step.result !== null && (
                  <span className="jp-dlkit-Verdict">
                    {formatShape(step.result.shape)}
                  </span>
                )}
              </>
            }
          >
            <Particulars {...props} check={step} />
          </Folded>
        </li>
      ))}
    </ol>
  );
}

/** The picture, problems and traps in sentences, and mends. */
function Particulars(
  props: IProps & { check: Check | CheckStep }
): React.JSX.Element {
  const { check, trans } = props;
  return (
    <>
      <Picture check={check} nameOf={props.nameOf} trans={trans} />
      {check.problems.map((problem, i) => (
        <Trouble key={i} text={problem.message} hint={null} />
      ))}
      {check.warnings.map((trap, i) => (
        <Trouble
          key={i}
          tone={trap.severity === 'note' ? 'calm' : 'warning'}
          text={trap.message}
          hint={null}
        />
      ))}
      <Mends {...props} mends={check.mends} />
    </>
  );
}

/** What to write instead, best first. */
function Mends(
  props: IProps & { mends: readonly CheckMend[] }
): React.JSX.Element | null {
  const { mends, actions, trans } = props;
  if (mends.length === 0) {
    return null;
  }
  return (
    <section className="jp-dlkit-Part">
      <h4>{trans.__('What would work')}</h4>
      <ul className="jp-dlkit-Lines">
        {mends.map((mend, i) => (
          <li key={i}>
            <div className="jp-dlkit-Mend">
              <code title={mend.message}>{mend.expression}</code>
              {mend.result_shape !== null && (
                <span className="jp-dlkit-Verdict">
                  {trans.__('gives %1', formatShape(mend.result_shape))}
                </span>
              )}
              <CodeButtons
                code={mend.expression}
                isShown
                actions={actions}
                trans={trans}
              />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A note is often what was meant, and no reason to look. */
function isTrap(warnings: Check['warnings']): boolean {
  return warnings.some(({ severity }) => severity !== 'note');
}
