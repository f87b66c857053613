import type { Columns } from '../api/types';
import { naturalKey, places, rowValues, sortByValue } from './ordering';
import type { SortKey } from './ordering';
import type { TensorTable } from './table';

/** What a person asked to see. */
export interface IQuery {
  /** Literal text; upper and lower case alike. */
  readonly text: string;
  /** Only this device, or null for all. */
  readonly device: string | null;
  readonly sort: SortKey;
  readonly descending: boolean;
}

/** What a group of rows amounts to, of the rows that passed the filter. */
export interface IGroupTotal {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  /** Rows that passed, and rows there are. */
  readonly count: number;
  readonly all: number;
  /** Each storage counted once; by device, in order of first appearance. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly total: number;
  /** The dtype that all rows have, or null. */
  readonly dtype: string | null;
}

/**
 * The lines of the tree-table, top to bottom.
 *
 * A line is a row of the table (its index, >= 0) or a group (`-1 - index` into
 * `groups`).
 */
export interface IArrangement {
  readonly lines: Int32Array;
  /** 1 for lines at the top, 2 for rows inside a group. */
  readonly levels: Uint8Array;
  readonly groups: readonly IGroupTotal[];
  /** Rows that passed the filter, folded ones included. */
  readonly matches: number;
}

/**
 * Filters, sorts and folds a table.
 *
 * Keeps what depends on the table alone (texts to search, the order of names)
 * until the table changes, so that typing costs one pass over the rows.
 */
export class Arranger {
  constructor(private readonly _table: TensorTable) {}

  /**
   * @param isOpen says whether the rows of a group are shown.
   */
  arrange(query: IQuery, isOpen: (group: string) => boolean): IArrangement {
    this._refresh();
    const { columns } = this._table;
    const passed = this._filter(query);
    const { top, groups, members } = this._gather(passed);
    const values = this._values(query.sort);
    const order = this._orderTop(top, groups, members, values, query);

    const lines: number[] = [];
    const levels: number[] = [];
    for (const item of order) {
      lines.push(item);
      levels.push(1);
      if (item < 0 && isOpen(groups[-1 - item].name)) {
        const rows = Int32Array.from(members[-1 - item]);
        sortByValue(rows, values, query.descending);
        for (const row of rows) {
          lines.push(row);
          levels.push(2);
        }
      }
    }
    return {
      lines: Int32Array.from(lines),
      levels: Uint8Array.from(levels),
      groups: groups.map((group, i) =>
        this._total(columns, group, members[i])
      ),
      matches: passed.length
    };
  }

  /** The devices of the rows, in natural order. */
  devices(): string[] {
    const devices = new Set<string>();
    for (const device of this._table.columns.device) {
      if (device !== null) {
        devices.add(device);
      }
    }
    return Array.from(devices).sort((a, b) =>
      naturalKey(a) < naturalKey(b) ? -1 : 1
    );
  }

  private _refresh(): void {
    if (this._generation !== this._table.generation) {
      this._generation = this._table.generation;
      this._texts = null;
      this._names = null;
      this._kept.clear();
    }
  }

  private _filter({ text, device }: IQuery): number[] {
    const { columns } = this._table;
    const wanted = text.trim().toLowerCase();
    const texts = wanted === '' ? null : this._searched();
    const passed: number[] = [];
    for (let row = 0; row < columns.id.length; row++) {
      if (
        (device === null || columns.device[row] === device) &&
        (texts === null || texts[row].includes(wanted))
      ) {
        passed.push(row);
      }
    }
    return passed;
  }

  /** What a search looks at, a line break between two fields. */
  private _searched(): string[] {
    const { name, aliases, type, dtype, device, shape, owner } =
      this._table.columns;
    return (this._texts ??= name.map((text, row) =>
      [
        text,
        ...aliases[row],
        type[row],
        dtype[row],
        device[row],
        owner[row],
        shape[row] === null ? '' : `(${shape[row]!.join(', ')})`
      ]
        .join('\n')
        .toLowerCase()
    ));
  }

  private _values(key: SortKey): Float64Array {
    let values = this._kept.get(key);
    if (values === undefined) {
      values = rowValues(this._table.columns, key, () => this._namePlaces());
      this._kept.set(key, values);
    }
    return values;
  }

  private _namePlaces(): Float64Array {
    return (this._names ??= places(this._table.columns.name));
  }

  /** Splits rows into those at the top and those of each group. */
  private _gather(passed: readonly number[]): {
    top: number[];
    groups: { name: string; kind: string; type: string; all: number }[];
    members: number[][];
  } {
    const { group } = this._table.columns;
    const known = new Map(this._table.groups.map(g => [g.name, g]));
    const all = new Map<string, number>();
    for (const name of group) {
      if (name !== null) {
        all.set(name, (all.get(name) ?? 0) + 1);
      }
    }
    const index = new Map<string, number>();
    const groups: { name: string; kind: string; type: string; all: number }[] =
      [];
    const members: number[][] = [];
    const top: number[] = [];
    for (const row of passed) {
      const name = group[row];
      if (name === null) {
        top.push(row);
        continue;
      }
      let at = index.get(name);
      if (at === undefined) {
        at = groups.length;
        index.set(name, at);
        const { kind = 'container', type = '' } = known.get(name) ?? {};
        groups.push({ name, kind, type, all: all.get(name) ?? 0 });
        members.push([]);
        top.push(-1 - at);
      }
      members[at].push(row);
    }
    return { top, groups, members };
  }

  /** Top-level rows and groups, in the order asked for. */
  private _orderTop(
    top: readonly number[],
    groups: readonly { name: string; type: string }[],
    members: readonly number[][],
    values: Float64Array,
    { sort, descending }: IQuery
  ): number[] {
    const { columns } = this._table;
    let value: Float64Array;
    if (sort === 'name' || sort === 'type') {
      value = places(
        top.map(item =>
          item < 0 ? groups[-1 - item][sort] : columns[sort][item]
        )
      );
    } else {
      value = Float64Array.from(top, item =>
        item >= 0 ? values[item] : groupValue(members[-1 - item], values)
      );
    }
    if (sort === 'bytes') {
      top.forEach((item, i) => {
        if (item < 0) {
          value[i] = sum(this._storageBytes(columns, members[-1 - item]));
        }
      });
    }
    const order = Int32Array.from(top, (_, i) => i);
    sortByValue(order, value, descending);
    return Array.from(order, i => top[i]);
  }

  private _total(
    columns: Columns,
    group: { name: string; kind: string; type: string; all: number },
    rows: readonly number[]
  ): IGroupTotal {
    const bytes = this._storageBytes(columns, rows);
    const dtype = columns.dtype[rows[0]];
    return {
      ...group,
      count: rows.length,
      bytes,
      total: sum(bytes),
      dtype: rows.every(row => columns.dtype[row] === dtype) ? dtype : null
    };
  }

  /** Bytes by device, each storage once. */
  private _storageBytes(
    columns: Columns,
    rows: readonly number[]
  ): Map<string, number> {
    const { storage, bytes, device } = columns;
    const seen = new Set<string>();
    const total = new Map<string, number>();
    for (const row of rows) {
      const id = storage.id[row];
      if (id !== null) {
        if (seen.has(id)) {
          continue;
        }
        seen.add(id);
      }
      const where = device[row] ?? '';
      total.set(
        where,
        (total.get(where) ?? 0) + (storage.bytes[row] ?? bytes[row] ?? 0)
      );
    }
    return total;
  }

  private _generation = -1;
  private _kept = new Map<SortKey, Float64Array>();
  private _names: Float64Array | null = null;
  private _texts: string[] | null = null;
}

/** The value that all rows of a group have; with mixed values it sorts last. */
function groupValue(rows: readonly number[], values: Float64Array): number {
  const value = values[rows[0]];
  return rows.every(row => values[row] === value) ? value : NaN;
}

function sum(bytes: ReadonlyMap<string, number>): number {
  let total = 0;
  bytes.forEach(value => {
    total += value;
  });
  return total;
}
