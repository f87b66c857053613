import type { TranslationBundle } from '@jupyterlab/translation';
import { deviceName } from '../memory/words';
import { formatBytes, formatShape } from '../panel/sizes';
import type { IExplanation, IMemoryError, IOperandSeen } from './types';

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

/** What happened, for the title of the card. */
export function outOfMemoryTitle(
  { device }: IMemoryError,
  trans: TranslationBundle
): string {
  return trans.__('Out of memory on %1', deviceName(device, trans));
}

/** What was asked for, and what there was. */
export function figuresText(
  { asked, free, total }: IMemoryError,
  trans: TranslationBundle
): string {
  const wanted =
    asked === null ? '' : trans.__('%1 were asked for.', formatBytes(asked));
  const there =
    free === null
      ? ''
      : total === null
        ? trans.__('%1 are free now.', formatBytes(free))
        : trans.__(
            '%1 are free now, of %2.',
            formatBytes(free),
            formatBytes(total)
          );
  return [wanted, there].filter(Boolean).join(' ');
}
