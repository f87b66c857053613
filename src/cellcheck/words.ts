import type { TranslationBundle } from '@jupyterlab/translation';
import type { CellState } from './model';

/** A state in a sentence, and what to know or do about it. */
export function inWords(
  state: CellState,
  trans: TranslationBundle
): { text: string; hint: string } {
  if (state.what === 'checking') {
    return { text: trans.__('Looking at the shapes in this cell…'), hint: '' };
  }
  if (state.what === 'failed') {
    return { text: state.error.message, hint: state.error.hint };
  }
  const { findings } = state;
  if (findings.length === 0) {
    return {
      text: trans.__('Nothing found in this cell.'),
      hint: trans.__('What is not known is left alone.')
    };
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  const parts = [
    errors > 0
      ? trans._n('%1 operation would fail', '%1 operations would fail', errors)
      : '',
    warnings > 0
      ? trans._n(
          '%1 runs, but perhaps not as meant',
          '%1 run, but perhaps not as meant',
          warnings
        )
      : ''
  ];
  return { text: `${parts.filter(Boolean).join('; ')}.`, hint: '' };
}
