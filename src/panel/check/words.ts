import type { TranslationBundle } from '@jupyterlab/translation';
import type { ApiError } from '../../api/errors';
import type { CheckedDimension, CheckedResult } from '../../api/types';
import type { Family, IOperation } from '../../model/check/operations';
import { formatBytes, formatShape } from '../sizes';

/** What a family of operations is called. */
export function familyTitle(family: Family, trans: TranslationBundle): string {
  const titles: Record<Family, string> = {
    elementwise: trans.__('element by element'),
    comparison: trans.__('comparison'),
    'in place': trans.__('in place'),
    product: trans.__('matrix product'),
    joining: trans.__('joining'),
    loss: trans.__('loss'),
    layer: trans.__('layer'),
    reshaping: trans.__('reshaping')
  };
  return titles[family];
}

/** `x + y (add)`, or only the name. */
export function operationTitle({ name, sign }: IOperation): string {
  return sign === null ? name : `${name}  ${sign}`;
}

/** What a size of an operand does in its column. */
export type Part = 'equal' | 'stretch' | 'missing' | 'clash' | 'plain';

/** The sign of it; colours alone are not for everybody. */
export const SIGNS: Readonly<Record<Part, string>> = {
  equal: '=',
  stretch: '↔',
  missing: '·',
  clash: '✕',
  plain: ''
};

/**
 * What one operand's size does in its column.
 *
 * @param size null where the operand has no such dimension.
 * @param to what the column becomes; null where the sizes clash.
 */
export function partOf(
  size: number | null,
  { verdict }: Pick<CheckedDimension, 'verdict'>,
  to: number | null
): Part {
  if (size === null) {
    return 'missing';
  }
  if (to !== null && size === 1 && to !== 1) {
    return 'stretch';
  }
  return verdict === 'clash' && size !== 1 ? 'clash' : 'equal';
}

/** The size that a column becomes: the one that is not 1; null at a clash. */
export function sizeOf({ sizes, verdict }: CheckedDimension): number | null {
  const given = sizes.filter(size => size !== null);
  if (verdict === 'clash') {
    return null;
  }
  return given.find(size => size !== 1) ?? 1;
}

/** One size in words, for a screen reader. */
export function partAloud(
  size: number | null,
  part: Part,
  to: number | null,
  trans: TranslationBundle
): string {
  switch (part) {
    case 'missing':
      return to === null
        ? trans.__('no such dimension')
        : trans.__('no such dimension, becomes %1', to);
    case 'stretch':
      return trans.__('1, stretched to %1', to);
    case 'clash':
      return trans.__('%1, does not match', size);
    case 'equal':
    case 'plain':
      return String(size);
  }
}

/** `(8, 7, 6, 5) float32 on cpu, 6.56 KiB`. */
export function resultSentence(
  { shape, dtype, device, bytes }: CheckedResult,
  trans: TranslationBundle
): string {
  return trans.__(
    '%1 %2 on %3, %4',
    formatShape(shape),
    dtype,
    device,
    formatBytes(bytes)
  );
}

/** Whether the result fits on its device; null where that is not known. */
export function roomSentence(
  { bytes, device }: CheckedResult,
  free: number | null,
  trans: TranslationBundle
): { fits: boolean; text: string } | null {
  if (free === null) {
    return null;
  }
  return bytes <= free
    ? {
        fits: true,
        text: trans.__('of %1 free on %2', formatBytes(free), device)
      }
    : {
        fits: false,
        text: trans.__(
          'more than the %1 that are free on %2',
          formatBytes(free),
          device
        )
      };
}

/** Why there is no answer. */
export function errorSentence(
  error: ApiError,
  trans: TranslationBundle
): { text: string; hint: string | null } {
  switch (error.code) {
    case 'no_kernel':
      return {
        text: trans.__(
          '%1 is in no kernel: there is none to ask.',
          error.message
        ),
        hint: trans.__('Type a shape such as (8, 1, 6, 1), or start a kernel.')
      };
    case 'no_answer':
      return { text: trans.__('The server does not answer.'), hint: null };
    default:
      return {
        text: error.message || trans.__('This cannot be checked.'),
        hint: error.hint || null
      };
  }
}
