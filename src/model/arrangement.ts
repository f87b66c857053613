import { naturalKey, orderOf, places, rowValues } from './ordering';
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
  /** Each storage counted once; by device, in natural order. */
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

/** A group as the table has it, whatever passed the filter. */
interface IGroup {
  readonly name: string;
  readonly kind: string;
  readonly type: string;
  all: number;
}

/**
 * What is worked out of a table once, until it changes: typing then costs one
 * pass over the rows.
 */
class Digest {
  /** @param before of the same table, before it changed. */
  constructor(
    private readonly _table: TensorTable,
    before: Digest | null
  ) {
    const { columns } = _table;
    const known = new Map(_table.groups.map(g => [g.name, g]));
    const codes = new Map<string, number>();
    this.groups = [];
    this.groupOf = Int32Array.from(columns.group, name => {
      if (name === null) {
        return -1;
      }
      let code = codes.get(name);
      if (code === undefined) {
        code = this.groups.length;
        codes.set(name, code);
        const { kind = 'container', type = '' } = known.get(name) ?? {};
        this.groups.push({ name, kind, type, all: 0 });
      }
      this.groups[code].all++;
      return code;
    });
    const storages = new Map<string, number>();
    this.storageOf = Int32Array.from(columns.storage.id, id => {
      if (id === null) {
        return -1;
      }
      let code = storages.get(id);
      if (code === undefined) {
        code = storages.size;
        storages.set(id, code);
      }
      return code;
    });
    this.storages = storages.size;
    this._names = columns.name.slice();
    const names = before?._values.get('name');
    if (names !== undefined && this._hasNamesOf(before!)) {
      // Sorting the names is the dear part, and training changes none.
      this._values.set('name', names);
    }
  }

  readonly groups: IGroup[];
  /** Of each row: index of its group, or -1. */
  readonly groupOf: Int32Array;
  /** Of each row: a number for its storage, or -1. */
  readonly storageOf: Int32Array;
  readonly storages: number;

  /** In natural order. */
  get devices(): readonly string[] {
    if (this._devices === null) {
      const devices = new Set<string>();
      for (const device of this._table.columns.device) {
        if (device !== null) {
          devices.add(device);
        }
      }
      this._devices = Array.from(devices).sort(byName);
    }
    return this._devices;
  }

  /** What a search looks at: a text for each row, a line for each field. */
  get texts(): readonly string[] {
    const { name, aliases, type, dtype, device, shape, owner } =
      this._table.columns;
    return (this._texts ??= name.map((text, row) => {
      const sizes = shape[row];
      const also = aliases[row].length > 0 ? aliases[row].join('\n') : '';
      return `${text}\n${also}\n${type[row]}\n${dtype[row]}\n${device[row]}\n${owner[row]}\n${
        sizes === null ? '' : `(${sizes.join(', ')})`
      }`.toLowerCase();
    }));
  }

  /** Values of the rows, and for names and classes also of the groups. */
  values(key: SortKey): Float64Array {
    let values = this._values.get(key);
    if (values === undefined) {
      values =
        key === 'name' || key === 'type'
          ? places([
              ...this._table.columns[key],
              ...this.groups.map(group => group[key])
            ])
          : rowValues(this._table.columns, key);
      this._values.set(key, values);
    }
    return values;
  }

  private _hasNamesOf(other: Digest): boolean {
    return (
      this._names.length === other._names.length &&
      this.groups.length === other.groups.length &&
      this._names.every((name, row) => name === other._names[row]) &&
      this.groups.every(({ name }, at) => name === other.groups[at].name)
    );
  }

  private _devices: readonly string[] | null = null;
  private _names: readonly string[];
  private _texts: string[] | null = null;
  private _values = new Map<SortKey, Float64Array>();
}

/** Filters, sorts and folds a table. */
export class Arranger {
  constructor(private readonly _table: TensorTable) {}

  /**
   * @param isOpen says whether the rows of a group are shown.
   */
  arrange(query: IQuery, isOpen: (group: string) => boolean): IArrangement {
    const digest = this._refresh();
    const values = digest.values(query.sort);
    const passed = this._filter(query, digest);
    const passedValues = new Float64Array(passed.length);
    for (let i = 0; i < passed.length; i++) {
      passedValues[i] = values[passed[i]];
    }
    const order = orderOf(passedValues, query.descending);

    // Rows come in order, so that those of each group are in order too.
    const top: number[] = [];
    const members = new Map<number, number[]>();
    for (const i of order) {
      const row = passed[i];
      const group = digest.groupOf[row];
      if (group < 0) {
        top.push(row);
        continue;
      }
      const rows = members.get(group);
      if (rows === undefined) {
        members.set(group, [row]);
      } else {
        rows.push(row);
      }
    }
    const codes = Array.from(members.keys());
    const totals = codes.map(code =>
      this._total(digest, digest.groups[code], members.get(code)!)
    );
    const items = top.concat(codes.map((_, at) => -1 - at));
    const itemValues = new Float64Array(items.length);
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      itemValues[i] =
        item >= 0
          ? values[item]
          : this._groupValue(query.sort, codes[-1 - item], {
              values,
              total: totals[-1 - item],
              rows: members.get(codes[-1 - item])!
            });
    }

    const lines: number[] = [];
    const levels: number[] = [];
    for (const i of orderOf(itemValues, query.descending)) {
      const item = items[i];
      lines.push(item);
      levels.push(1);
      if (item < 0 && isOpen(totals[-1 - item].name)) {
        for (const row of members.get(codes[-1 - item])!) {
          lines.push(row);
          levels.push(2);
        }
      }
    }
    return {
      lines: Int32Array.from(lines),
      levels: Uint8Array.from(levels),
      groups: totals,
      matches: passed.length
    };
  }

  /** The devices of the rows, in natural order. */
  devices(): readonly string[] {
    return this._refresh().devices;
  }

  private _refresh(): Digest {
    if (this._digest === null || this._generation !== this._table.generation) {
      this._generation = this._table.generation;
      this._digest = new Digest(this._table, this._digest);
    }
    return this._digest;
  }

  private _filter({ text, device }: IQuery, digest: Digest): number[] {
    const { columns } = this._table;
    const wanted = text.trim().toLowerCase();
    const texts = wanted === '' ? null : digest.texts;
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

  /** Where a group stands among rows: mixed values come last. */
  private _groupValue(
    sort: SortKey,
    code: number,
    group: { values: Float64Array; total: IGroupTotal; rows: number[] }
  ): number {
    const { values, total, rows } = group;
    if (sort === 'bytes') {
      return total.total;
    }
    if (sort === 'name' || sort === 'type') {
      return values[this._table.length + code];
    }
    const value = values[rows[0]];
    return rows.every(row => values[row] === value) ? value : NaN;
  }

  /** Bytes by device, each storage once. */
  private _total(
    digest: Digest,
    group: IGroup,
    rows: readonly number[]
  ): IGroupTotal {
    const { storage, bytes, device, dtype } = this._table.columns;
    if (this._seen.length < digest.storages) {
      this._seen = new Int32Array(digest.storages);
    }
    const stamp = ++this._stamp;
    const perDevice = new Map<string, number>();
    let total = 0;
    for (const row of rows) {
      const code = digest.storageOf[row];
      if (code >= 0) {
        if (this._seen[code] === stamp) {
          continue;
        }
        this._seen[code] = stamp;
      }
      const where = device[row] ?? '';
      const size = storage.bytes[row] ?? bytes[row] ?? 0;
      perDevice.set(where, (perDevice.get(where) ?? 0) + size);
      total += size;
    }
    const first = dtype[rows[0]];
    return {
      ...group,
      count: rows.length,
      bytes: new Map(Array.from(perDevice).sort(([a], [b]) => byName(a, b))),
      total,
      dtype: rows.every(row => dtype[row] === first) ? first : null
    };
  }

  private _digest: Digest | null = null;
  private _generation = -1;
  /** For each storage, the stamp of the group that counted it last. */
  private _seen = new Int32Array(0);
  private _stamp = 0;
}

function byName(a: string, b: string): number {
  return naturalKey(a) < naturalKey(b) ? -1 : 1;
}
