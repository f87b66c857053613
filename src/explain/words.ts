import type { TranslationBundle } from '@jupyterlab/translation';
import { formatShape } from '../panel/sizes';
import type { IExplanation, IOperandSeen } from './types';

/** What failed, for the title of the card. */
export function titleOf(
  { kind }: IExplanation,
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'shape':
      return trans.__('Why it failed: shapes');
    case 'dtype':
      return trans.__('Why it failed: dtypes');
    case 'device':
      return trans.__('Why it failed: devices');
    case 'index':
      return trans.__('Why it failed: an index');
    default:
      return trans.__('Why it failed');
  }
}

/** Where it failed. */
export function placeOf(
  { line, where, execution_count }: IExplanation,
  trans: TranslationBundle
): string {
  if (where !== null) {
    return trans.__('Line %1 of %2', line, where);
  }
  return execution_count === null
    ? trans.__('Line %1', line)
    : trans.__('Line %1 of cell [%2]', line, execution_count);
}

/** An operand as Python would write its shape, or that it is not known. */
export function operandText(
  { shape, dtype, device, derived }: IOperandSeen,
  trans: TranslationBundle
): string {
  if (shape === null || dtype === null || device === null) {
    return trans.__('not known: a temporary');
  }
  const text = trans.__('%1 %2 on %3', formatShape(shape), dtype, device);
  return derived ? trans.__('%1, by the rules', text) : text;
}
