import type { Check, CheckStep } from '../../api/types';

type Problem = Check['problems'][number];

/** Of which problems a size of the second operand is a part, and where it stands. */
const PLACES: Readonly<Record<string, readonly number[]>> = {
  // The rule of matrix products: the last dimension against the last but one.
  inner: [-2, -1]
};
const SAME_PLACE = ['features', 'batch', 'shape'];

/**
 * The sizes that do not match one another, as pairs of an operand's index and a
 * position from the right; for rules that are not of the broadcasting kind.
 */
export function concerned(
  { operands }: Pick<Check | CheckStep, 'operands'>,
  { code, dimension, operands: about }: Problem
): readonly (readonly [number, number])[] {
  if (about.length === 0 || dimension === null) {
    return [];
  }
  const [first, ...others] = about;
  const found: [number, number][] = [[first, dimension]];
  const one = sizeAt(operands[first].shape, dimension);
  const other = operands[others[0]]?.shape ?? null;
  if (others.length === 1 && one !== undefined) {
    const places =
      PLACES[code] ?? (SAME_PLACE.includes(code) ? [dimension] : []);
    const place = places.find(position => {
      const size = sizeAt(other, position);
      return size !== undefined && size !== one;
    });
    if (place !== undefined) {
      found.push([others[0], place]);
    }
  }
  return found;
}

function sizeAt(
  shape: readonly number[] | null,
  position: number
): number | undefined {
  return shape?.[shape.length + position];
}
