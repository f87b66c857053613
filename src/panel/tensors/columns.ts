import type { TranslationBundle } from '@jupyterlab/translation';
import type { Columns } from '../../api/types';
import type { IGroupTotal } from '../../model/arrangement';
import type { ColumnId } from '../../model/settings';
import { formatBytes, formatCount, formatShape } from '../sizes';

/** How a column is laid out; widths in pixels. */
interface ILayout {
  readonly width: number;
  readonly isNumber: boolean;
  /** Columns with a larger number go first when the panel is narrow. */
  readonly spare: number;
}

/** Pixels at the end of each line, for the button that moves it. */
export const MOVE = 20;

export const LAYOUT: Record<ColumnId, ILayout> = {
  name: { width: 96, isNumber: false, spare: 0 },
  shape: { width: 76, isNumber: false, spare: 0 },
  rank: { width: 36, isNumber: true, spare: 5 },
  dtype: { width: 62, isNumber: false, spare: 3 },
  device: { width: 52, isNumber: false, spare: 2 },
  bytes: { width: 66, isNumber: true, spare: 0 },
  owner: { width: 68, isNumber: false, spare: 6 },
  type: { width: 76, isNumber: false, spare: 7 }
};

/** What is left of the two that take the rest, when no other can be left out. */
const NARROWEST = { name: 64, shape: 70 };

/**
 * The columns that fit, in the order given.
 *
 * @param width of the table, in pixels.
 */
export function fitting(
  columns: readonly ColumnId[],
  width: number
): ColumnId[] {
  const shown = columns.slice();
  const needed = (): number =>
    shown.reduce((sum, column) => sum + LAYOUT[column].width, 0);
  while (needed() > width) {
    const spare = shown.reduce((a, b) =>
      LAYOUT[b].spare > LAYOUT[a].spare ? b : a
    );
    if (LAYOUT[spare].spare === 0) {
      break;
    }
    shown.splice(shown.indexOf(spare), 1);
  }
  return shown;
}

/** Widths of the columns, as CSS has it: names take what is left. */
export function template(columns: readonly ColumnId[]): string {
  return columns
    .map(column =>
      column === 'name'
        ? `minmax(${NARROWEST.name}px, 1.5fr)`
        : column === 'shape'
          ? `minmax(${NARROWEST.shape}px, 1fr)`
          : `${LAYOUT[column].width}px`
    )
    .join(' ');
}

/** What a row has in a column. */
export function rowText(
  columns: Columns,
  row: number,
  column: ColumnId
): string {
  switch (column) {
    case 'name':
    case 'owner':
    case 'type':
      return columns[column][row];
    case 'shape':
      return formatShape(columns.shape[row]);
    case 'rank':
      return columns.rank[row] === null ? '–' : String(columns.rank[row]);
    case 'dtype':
    case 'device':
      return columns[column][row] ?? '–';
    case 'bytes':
      return formatBytes(columns.bytes[row]);
  }
}

/** What a folded group has in a column. */
export function groupText(
  group: IGroupTotal,
  column: ColumnId,
  trans: TranslationBundle
): string {
  switch (column) {
    case 'name':
      return group.name;
    case 'shape':
      return group.count === group.all
        ? trans._n(
            '%2 tensor',
            '%2 tensors',
            group.count,
            formatCount(group.count)
          )
        : trans.__(
            '%1 of %2',
            formatCount(group.count),
            formatCount(group.all)
          );
    case 'dtype':
      return group.dtype ?? trans.__('mixed');
    case 'device':
      return Array.from(group.bytes.keys()).join(', ');
    case 'bytes':
      return formatBytes(group.total);
    case 'type':
      return group.type;
    case 'owner':
      return group.kind;
    case 'rank':
      return '';
  }
}
