import type { Columns } from '../api/types';

/** What the rows can be sorted by. */
export type SortKey =
  | 'name'
  | 'owner'
  | 'type'
  | 'shape'
  | 'rank'
  | 'dtype'
  | 'device'
  | 'bytes';

/**
 * Text that sorts as people count: `w[2]` before `w[10]`, `B` beside `b`.
 *
 * Numbers are padded, so that plain comparison of two keys, which is many
 * times quicker than a collator, gives the order.
 */
export function naturalKey(text: string): string {
  const folded = text.toLowerCase();
  return DIGITS.test(folded)
    ? folded.replace(RUN, run => run.padStart(9, '0'))
    : folded;
}

const DIGITS = /\d/;
const RUN = /\d+/g;

/** The place of each text in natural order; equal texts share a place. */
export function places(texts: readonly (string | null)[]): Float64Array {
  const distinct = new Map<string | null, number>();
  for (const text of texts) {
    distinct.set(text, 0);
  }
  const keyed = Array.from(distinct.keys(), text => ({
    text,
    // What is not known comes last.
    key: text === null ? '\uffff' : naturalKey(text)
  }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  keyed.forEach(({ text }, place) => distinct.set(text, place));
  return Float64Array.from(texts, text => distinct.get(text)!);
}

/** Shapes as lists of sizes: by rank-independent order of their dimensions. */
function shapePlaces(shapes: Columns['shape']): Float64Array {
  return places(
    shapes.map(shape =>
      shape === null ? null : shape.map(size => size ?? '~').join(' ')
    )
  );
}

/**
 * A number for each row, in the order of the key.
 *
 * What a row does not have is NaN, and sorts last in either direction.
 */
export function rowValues(
  columns: Columns,
  key: SortKey,
  names: () => Float64Array
): Float64Array {
  switch (key) {
    case 'name':
      return names();
    case 'shape':
      return shapePlaces(columns.shape);
    case 'rank':
    case 'bytes':
      return Float64Array.from(columns[key], value => value ?? NaN);
    case 'owner':
    case 'type':
    case 'dtype':
    case 'device':
      return places(columns[key]);
  }
}

/**
 * Sorts items in place by their value; ties stand in their given order.
 *
 * @param value of an item; NaN sorts last in either direction.
 */
export function sortByValue(
  items: Int32Array,
  value: Float64Array,
  descending: boolean
): void {
  const sign = descending ? -1 : 1;
  items.sort((a, b) => {
    const x = value[a];
    const y = value[b];
    if (x === y) {
      return a - b;
    }
    if (x !== x) {
      return y !== y ? a - b : 1;
    }
    return y !== y ? -1 : x < y ? -sign : sign;
  });
}
