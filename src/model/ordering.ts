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
 * Each number gets its length in front, so that plain comparison of two keys,
 * which is many times quicker than a collator, gives the order.
 */
export function naturalKey(text: string): string {
  const folded = text.toLowerCase();
  return DIGITS.test(folded)
    ? folded.replace(RUN, run => String.fromCharCode(47 + run.length) + run)
    : folded;
}

const DIGITS = /\d/;
const RUN = /\d+/g;

/** Sorts after every other key: what is not known comes last. */
const UNKNOWN = '\uffff';

/** The place of each text in natural order; equal texts share a place. */
export function places(texts: readonly (string | null)[]): Float64Array {
  const keys = new Map<string | null, string>();
  for (const text of texts) {
    if (!keys.has(text)) {
      keys.set(text, text === null ? UNKNOWN : naturalKey(text));
    }
  }
  // Without a function, sort() compares strings natively.
  const sorted = Array.from(keys.values()).sort();
  const place = new Map<string, number>();
  sorted.forEach((key, i) => place.set(key, i));
  const result = new Float64Array(texts.length);
  for (let i = 0; i < texts.length; i++) {
    result[i] = place.get(keys.get(texts[i])!)!;
  }
  return result;
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
export function rowValues(columns: Columns, key: SortKey): Float64Array {
  switch (key) {
    case 'shape':
      return shapePlaces(columns.shape);
    case 'rank':
    case 'bytes':
      return Float64Array.from(columns[key], value => value ?? NaN);
    case 'name':
    case 'owner':
    case 'type':
    case 'dtype':
    case 'device':
      return places(columns[key]);
  }
}

/**
 * The indices of the values in their order; ties stand as they were.
 *
 * @param values NaN comes last in either direction.
 */
export function orderOf(values: Float64Array, descending: boolean): Int32Array {
  const count = values.length;
  const distinct = distinctOf(values);
  // A typed array sorts numbers natively, thirty times quicker than with a
  // function; so each index travels inside the number that is sorted.
  const packed = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let place = count;
    if (values[i] === values[i]) {
      place = placeIn(distinct, values[i]);
      place = descending ? distinct.length - 1 - place : place;
    }
    packed[i] = place * count + i;
  }
  packed.sort();
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    order[i] = packed[i] % count;
  }
  return order;
}

/** The values without NaN, each once, ascending. */
function distinctOf(values: Float64Array): Float64Array {
  const sorted = values.slice().sort();
  let length = 0;
  for (const value of sorted) {
    if (value === value && (length === 0 || value !== sorted[length - 1])) {
      sorted[length++] = value;
    }
  }
  return sorted.subarray(0, length);
}

function placeIn(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
