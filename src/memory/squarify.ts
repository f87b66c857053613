/** A rectangle, in the units of the space that was divided. */
export interface IRect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a space into rectangles that are as square as can be.
 *
 * After Bruls, Huizing and van Wijk, “Squarified Treemaps” (2000): rows are laid
 * along the shorter side, each as long as its worst rectangle gets better by it.
 *
 * @param values their areas in proportion; positive, the largest first.
 */
export function squarify(values: readonly number[], space: IRect): IRect[] {
  const rects: IRect[] = [];
  let { x, y, width, height } = space;
  let left = values.reduce((sum, value) => sum + value, 0);
  let first = 0;
  while (first < values.length) {
    const side = Math.min(width, height);
    const scale = left > 0 ? (width * height) / left : 0;
    let end = first + 1;
    let sum = values[first];
    while (
      end < values.length &&
      worst(values[first], values[end], sum + values[end], side, scale) <=
        worst(values[first], values[end - 1], sum, side, scale)
    ) {
      sum += values[end++];
    }
    const depth = side > 0 ? (sum * scale) / side : 0;
    const isColumn = width >= height;
    let along = isColumn ? y : x;
    for (const value of values.slice(first, end)) {
      const length = sum > 0 ? (value / sum) * side : 0;
      rects.push(
        isColumn
          ? { x, y: along, width: depth, height: length }
          : { x: along, y, width: length, height: depth }
      );
      along += length;
    }
    if (isColumn) {
      x += depth;
      width = Math.max(0, width - depth);
    } else {
      y += depth;
      height = Math.max(0, height - depth);
    }
    left -= sum;
    first = end;
  }
  return rects;
}

/** The longest side by the shortest, of the worst rectangle of a row. */
function worst(
  largest: number,
  smallest: number,
  sum: number,
  side: number,
  scale: number
): number {
  const area = sum * scale;
  return area === 0
    ? Infinity
    : Math.max(
        (side * side * largest * scale) / (area * area),
        (area * area) / (side * side * smallest * scale)
      );
}
