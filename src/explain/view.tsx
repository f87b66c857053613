import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LiveModel } from '../model/live';
import { Dismiss } from '../panel/moves/card';
import { useSignals } from '../panel/signals';
import type { ReleasesModel } from '../memory/releases';
import { OutOfMemoryCard } from './memory';
import type { ExplanationModel, IExplained } from './model';
import {
  figuresText,
  operandText,
  outOfMemoryTitle,
  placeOf,
  titleOf
} from './words';

interface IProps {
  live: LiveModel;
  explanations: ExplanationModel;
  /** Null where nothing can be released. */
  releases: ReleasesModel | null;
  onCopy: (code: string) => void;
  /** Goes to who has the memory. */
  onMemory: () => void;
  trans: TranslationBundle;
}

/** Why the last cell of the current kernel failed.  Mostly: nothing. */
export function ExplanationView(props: IProps): React.JSX.Element {
  const { live, explanations, onCopy, trans } = props;
  useSignals(live.changed, live.settings.changed, explanations.changed);
  const kernelId = live.current?.id ?? null;
  const explained = explanations.of(kernelId);
  return (
    <>
      <p className="jp-dlkit-Aloud" role="status">
        {explained === null
          ? ''
          : explained.kind === 'memory'
            ? `${outOfMemoryTitle(explained.error, trans)}. ${figuresText(explained.error, trans)}`
            : aloud(explained, trans)}
      </p>
      {explained?.kind === 'memory' && kernelId !== null && (
        <OutOfMemoryCard
          explained={explained}
          releases={props.releases}
          onMemory={props.onMemory}
          onDismiss={() => explanations.forget(kernelId)}
          trans={trans}
        />
      )}
      {explained?.kind === 'tensors' && kernelId !== null && (
        <ExplanationCard
          explained={explained}
          onCopy={onCopy}
          onDismiss={() => explanations.forget(kernelId)}
          trans={trans}
        />
      )}
    </>
  );
}

/** One explanation. */
export function ExplanationCard(props: {
  explained: IExplained;
  onCopy: (code: string) => void;
  onDismiss: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { explained, trans } = props;
  const { explanation, code } = explained;
  const { expression, operands, problem, unknown, evidence } = explanation;
  const layer = explanation.layer_text ?? explanation.layer;
  const titleId = React.useId();
  return (
    <section
      className="jp-dlkit-Change-line jp-dlkit-Explanation"
      role="group"
      aria-labelledby={titleId}
    >
      <div className="jp-dlkit-Change-head">
        <h3 id={titleId} className="jp-dlkit-Explanation-title">
          {titleOf(explanation, trans)}
        </h3>
        <Dismiss label={trans.__('Dismiss')} onClick={props.onDismiss} />
      </div>
      <p className="jp-dlkit-Explanation-place">
        {placeOf(explanation, trans)}
        {layer !== null && `, ${trans.__('in %1', layer)}`}
      </p>
      <pre className="jp-dlkit-Explanation-code">
        <Line code={code} expression={expression} />
      </pre>
      {operands.length > 0 && (
        <dl className="jp-dlkit-Explanation-operands">
          {operands.map((operand, i) => (
            <div key={i}>
              <dt>
                <code>{operand.name}</code>
              </dt>
              <dd>{operandText(operand, trans)}</dd>
            </div>
          ))}
        </dl>
      )}
      {problem !== null && <p>{problem}</p>}
      {unknown !== null && <p>{unknown}</p>}
      {evidence !== null && (
        <p className="jp-dlkit-Change-text">
          {trans.__('torch said: %1', evidence)}
        </p>
      )}
      {explanation.mends.length > 0 && (
        <ul
          className="jp-dlkit-Explanation-mends"
          aria-label={trans.__('What would work')}
        >
          {explanation.mends.map((mend, i) => (
            <Mend key={i} {...mend} onCopy={props.onCopy} trans={trans} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The user's line with the sub-expression in it, as far as both are known. */
function Line(props: {
  code: string | null;
  expression: string | null;
}): React.JSX.Element {
  const { code, expression } = props;
  const at = expression === null ? -1 : (code?.indexOf(expression) ?? -1);
  if (code === null || expression === null || at === -1) {
    return (
      <>
        {code !== null && `${code}\n`}
        {expression !== null && <mark>{expression}</mark>}
      </>
    );
  }
  return (
    <>
      {code.slice(0, at)}
      <mark>{expression}</mark>
      {code.slice(at + expression.length)}
    </>
  );
}

function Mend(props: {
  message: string;
  expression: string;
  onCopy: (code: string) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { message, expression, trans } = props;
  const [isCopied, setCopied] = React.useState(false);
  React.useEffect(() => setCopied(false), [expression]);
  return (
    <li>
      <code>{expression}</code>
      <span className="jp-dlkit-Explanation-copy">
        <button
          type="button"
          className="jp-dlkit-Link"
          aria-label={trans.__('Copy %1', expression)}
          onClick={() => {
            props.onCopy(expression);
            setCopied(true);
          }}
        >
          {trans.__('Copy')}
        </button>{' '}
        <span role="status">{isCopied ? trans.__('Copied.') : ''}</span>
      </span>
      <span className="jp-dlkit-Change-text">{message}</span>
    </li>
  );
}

/** What a screen reader says when an error was explained. */
function aloud({ explanation }: IExplained, trans: TranslationBundle): string {
  const { problem, unknown } = explanation;
  return [titleOf(explanation, trans), problem ?? unknown]
    .filter(Boolean)
    .join('. ');
}
