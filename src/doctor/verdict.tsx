import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Verdict } from './types';
import { verdictWord } from './words';

/** Strokes in a square of 14; no two are told apart by their colour alone. */
const SHAPES: Readonly<Record<Verdict, string>> = {
  problem: 'M4.5 1h5L13 4.5v5L9.5 13h-5L1 9.5v-5zM5 5l4 4M9 5l-4 4',
  warning: 'M7 1.5 13 12.5H1zM7 5.5v3.5M7 10.6v.4',
  unknown:
    'M7 1a6 6 0 1 0 0 12A6 6 0 1 0 7 1M5.3 5.4a1.7 1.7 0 1 1 2.4 1.6Q7 7.4 7 8.3M7 10.2v.3',
  info: 'M7 1a6 6 0 1 0 0 12A6 6 0 1 0 7 1M7 6.3v4M7 3.8v.3',
  ok: 'M1.8 7.6 5.4 11.2 12.2 3.4',
  not_applicable: 'M3 7h8'
};

/** How a check came out: by a shape and by a word. */
export function VerdictMark(props: {
  verdict: Verdict;
  /** Only the shape is seen, the word is for who cannot see it. */
  isShort?: boolean;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { verdict, isShort = false, trans } = props;
  const word = verdictWord(verdict, trans);
  return (
    <span className="jp-dlkit-Verdict" data-verdict={verdict} title={word}>
      <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
        <path
          d={SHAPES[verdict]}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
      <span className={isShort ? 'jp-dlkit-Aloud' : 'jp-dlkit-Verdict-word'}>
        {word}
      </span>
    </span>
  );
}
