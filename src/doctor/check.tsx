import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { DoctorCheck } from './types';
import { VerdictMark } from './verdict';

interface IProps {
  check: DoctorCheck;
  onCopy: (text: string) => void;
  trans: TranslationBundle;
}

/** The one thing to do first. */
export function FirstThing(props: IProps): React.JSX.Element {
  const { check, trans } = props;
  const titleId = React.useId();
  return (
    <section
      className="jp-dlkit-Doctor-first"
      role="group"
      data-verdict={check.verdict}
      aria-labelledby={titleId}
    >
      <p className="jp-dlkit-Doctor-label">
        <span>{trans.__('Do this first')}</span>
        <VerdictMark verdict={check.verdict} trans={trans} />
      </p>
      <h3 id={titleId} className="jp-dlkit-Doctor-title">
        {check.title}
      </h3>
      <CheckBody {...props} isStepFirst />
    </section>
  );
}

/** A check of the rest: a line that opens, unless there is nothing behind it. */
export function CheckLine(props: IProps): React.JSX.Element {
  const { check, trans } = props;
  const { verdict } = check;
  const line = (
    <>
      <VerdictMark
        verdict={verdict}
        // These have a fold of their own, which says it.
        isShort={verdict === 'not_applicable'}
        trans={trans}
      />
      <span className="jp-dlkit-Doctor-statement">{check.title}</span>
    </>
  );
  const hasMore =
    check.evidence.length > 0 ||
    check.command !== null ||
    check.next_step !== null;
  return (
    <li className="jp-dlkit-Doctor-check" data-check={check.id}>
      {hasMore ? (
        <details open={verdict === 'problem' || verdict === 'warning'}>
          <summary>{line}</summary>
          <CheckBody {...props} />
        </details>
      ) : (
        <p className="jp-dlkit-Doctor-plain">{line}</p>
      )}
    </li>
  );
}

/** What was seen, how to see it, and what to do. */
function CheckBody(
  props: IProps & { isStepFirst?: boolean }
): React.JSX.Element {
  const { check, onCopy, trans } = props;
  const step = check.next_step !== null && (
    <p className="jp-dlkit-Doctor-step">{check.next_step}</p>
  );
  return (
    <div className="jp-dlkit-Doctor-body">
      {props.isStepFirst && step}
      {check.evidence.length > 0 && (
        <ul
          className="jp-dlkit-Doctor-evidence"
          aria-label={trans.__('What was seen')}
        >
          {check.evidence.map((line, i) => (
            <li key={i}>{line}</li>
          ))}
        </ul>
      )}
      {check.command !== null && (
        <Command command={check.command} onCopy={onCopy} trans={trans} />
      )}
      {!props.isStepFirst && step}
    </div>
  );
}

/** The shell command by which a person sees the same. */
function Command(props: {
  command: string;
  onCopy: (text: string) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { command, onCopy, trans } = props;
  return (
    <div className="jp-dlkit-Doctor-command">
      <pre aria-label={trans.__('See it yourself, in a terminal')} tabIndex={0}>
        {command}
      </pre>
      <CopyButton
        label={trans.__('Copy')}
        aria={trans.__('Copy %1', command)}
        onCopy={() => onCopy(command)}
        trans={trans}
      />
    </div>
  );
}

/** A button that says that it did. */
export function CopyButton(props: {
  label: string;
  aria?: string;
  title?: string;
  onCopy: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { label, aria, title, onCopy, trans } = props;
  const [isCopied, setCopied] = React.useState(false);
  return (
    <span className="jp-dlkit-Doctor-copy">
      <button
        type="button"
        className="jp-dlkit-Link"
        aria-label={aria}
        title={title}
        onBlur={() => setCopied(false)}
        onClick={() => {
          onCopy();
          setCopied(true);
        }}
      >
        {label}
      </button>
      <span role="status">{isCopied ? trans.__('Copied.') : ''}</span>
    </span>
  );
}
