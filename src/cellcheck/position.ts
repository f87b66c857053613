/** Lines of a text, as CodeMirror's documents give them. */
export interface ILines {
  readonly lines: number;
  /** @param number counts from 1. */
  line(number: number): { readonly from: number; readonly text: string };
}

/** Where something is, as Python's `ast` counts. */
export interface IPlace {
  readonly line: number;
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
}

/** Offsets in UTF-16 units, as JavaScript and CodeMirror count. */
export interface IRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The range of a place; never empty where its line has any text.
 *
 * A place outside of the text is brought to its nearest end.
 */
export function rangeOf(text: ILines, place: IPlace): IRange {
  const from = offsetOf(text, place.line, place.column);
  const to = offsetOf(text, place.end_line, place.end_column);
  if (to > from) {
    return { from, to };
  }
  const line = lineOf(text, place.line);
  return { from: line.from, to: line.from + line.text.length };
}

/** A range line by line, without indentation and without empty lines. */
export function linesOf(
  text: ILines & { lineAt(offset: number): { readonly number: number } },
  { from, to }: IRange
): IRange[] {
  const ranges: IRange[] = [];
  const last = text.lineAt(to).number;
  for (let number = text.lineAt(from).number; number <= last; number++) {
    const line = text.line(number);
    const words = line.from + line.text.search(/\S|$/);
    const range = {
      from: Math.max(from, words),
      to: Math.min(to, line.from + line.text.length)
    };
    if (range.to > range.from) {
      ranges.push(range);
    }
  }
  return ranges;
}

/**
 * The offset of a line and a column.
 *
 * @param line counts from 1.
 * @param column counts from 0, in bytes of UTF-8.
 */
export function offsetOf(text: ILines, line: number, column: number): number {
  const { from, text: words } = lineOf(text, line);
  if (line > text.lines) {
    return from + words.length;
  }
  return from + unitsOf(words, column);
}

function lineOf(text: ILines, line: number): ReturnType<ILines['line']> {
  return text.line(Math.min(Math.max(line, 1), text.lines));
}

/** How many UTF-16 units the first bytes of a text take. */
function unitsOf(text: string, bytes: number): number {
  let units = 0;
  let left = bytes;
  for (const character of text) {
    left -= bytesOf(character.codePointAt(0)!);
    if (left < 0) {
      break;
    }
    units += character.length;
  }
  return units;
}

function bytesOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}
