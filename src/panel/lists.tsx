import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { formatCount } from './sizes';

/** Lines of a list that are drawn; of more, only the number is told. */
const DRAWN = 100;

/** A list that is folded until somebody wants to read it. */
export function Folded(props: {
  summary: React.ReactNode;
  isOpen?: boolean;
  children: React.ReactNode;
}): React.JSX.Element {
  return (
    <details className="jp-dlkit-Folded" open={props.isOpen}>
      <summary>{props.summary}</summary>
      {props.children}
    </details>
  );
}

/** The lines of a list; a long one is cut. */
export function Lines<T>(props: {
  of: readonly T[];
  line: (one: T) => React.ReactNode;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { of, line, trans } = props;
  return (
    <ul className="jp-dlkit-Lines">
      {of.slice(0, DRAWN).map((one, i) => (
        <li key={i}>{line(one)}</li>
      ))}
      {of.length > DRAWN && (
        <li>{trans.__('and %1 more', formatCount(of.length - DRAWN))}</li>
      )}
    </ul>
  );
}

/** What went wrong, and what to do about it. */
export function Trouble(props: {
  text: string;
  hint: string | null;
  tone?: 'trouble' | 'warning' | 'wait' | 'calm';
}): React.JSX.Element {
  return (
    <p className="jp-dlkit-Notice" data-tone={props.tone ?? 'trouble'}>
      {props.text}
      {props.hint !== null && props.hint !== '' && (
        <span className="jp-dlkit-Notice-hint">{props.hint}</span>
      )}
    </p>
  );
}
