import type { Columns, Group, TensorColumns, Total } from '../api/types';

/** Every column of a list, the nested one apart. */
const FLAT = [
  'id',
  'name',
  'aliases',
  'owner',
  'group',
  'type',
  'shape',
  'rank',
  'dtype',
  'device',
  'layout',
  'numel',
  'bytes',
  'is_view',
  'is_contiguous',
  'strides',
  'storage_offset',
  'requires_grad',
  'is_leaf',
  'grad_fn',
  'version'
] as const satisfies readonly Exclude<keyof Columns, 'storage'>[];

const NESTED = ['id', 'bytes', 'shared_by'] as const;

/**
 * The tensors of a kernel, held by columns as they travel.
 *
 * No object is made for a row: 50,000 rows are 24 arrays.
 */
export class TensorTable {
  /** The revision to send as `since`; null before the first list. */
  get revision(): string | null {
    return this._revision;
  }

  /** Grows with every change; what is derived from the table keeps it. */
  get generation(): number {
    return this._generation;
  }

  get length(): number {
    return this.columns.id.length;
  }

  get columns(): Columns {
    return this._columns;
  }

  get groups(): readonly Group[] {
    return this._groups;
  }

  /** By device; each storage counted once. */
  get totals(): Readonly<Record<string, Total>> {
    return this._totals;
  }

  /** The row of an id, or undefined. */
  row(id: string): number | undefined {
    return this._rows.get(id);
  }

  /**
   * Takes a whole list, or a difference from the revision it has.
   *
   * A difference carries changed and new rows in full; rows it does not name
   * stand.
   */
  apply(list: TensorColumns): void {
    if (list.full) {
      this._columns = list.columns;
      this._number();
    } else {
      this._remove(list.removed);
      this._merge(list.columns);
    }
    this._revision = list.revision;
    this._groups = list.groups;
    this._totals = list.totals;
    this._generation++;
  }

  /** Forgets everything: another kernel, or the same one restarted. */
  clear(): void {
    this._columns = emptyColumns();
    this._rows.clear();
    this._revision = null;
    this._groups = [];
    this._totals = {};
    this._generation++;
  }

  private _number(): void {
    this._rows = new Map();
    const { id } = this._columns;
    for (let row = 0; row < id.length; row++) {
      this._rows.set(id[row], row);
    }
  }

  private _remove(ids: readonly string[]): void {
    const gone = new Set(ids.filter(id => this._rows.has(id)));
    if (gone.size === 0) {
      return;
    }
    const { id } = this._columns;
    const kept: number[] = [];
    for (let row = 0; row < id.length; row++) {
      if (!gone.has(id[row])) {
        kept.push(row);
      }
    }
    const pick = <T>(column: readonly T[]): T[] => kept.map(row => column[row]);
    const old = this._columns as Record<string, unknown> & Columns;
    const next = emptyColumns() as Record<string, unknown> & Columns;
    for (const field of FLAT) {
      next[field] = pick(old[field] as unknown[]) as never;
    }
    for (const field of NESTED) {
      next.storage[field] = pick(old.storage[field] as unknown[]) as never;
    }
    this._columns = next;
    this._number();
  }

  private _merge(change: Columns): void {
    const target = change.id.map(id => {
      let row = this._rows.get(id);
      if (row === undefined) {
        row = this._rows.size;
        this._rows.set(id, row);
      }
      return row;
    });
    const put = (column: unknown[], values: readonly unknown[]): void => {
      for (let i = 0; i < target.length; i++) {
        column[target[i]] = values[i];
      }
    };
    for (const field of FLAT) {
      put(this._columns[field] as unknown[], change[field]);
    }
    for (const field of NESTED) {
      put(this._columns.storage[field] as unknown[], change.storage[field]);
    }
  }

  private _columns = emptyColumns();
  private _generation = 0;
  private _groups: readonly Group[] = [];
  private _revision: string | null = null;
  private _rows = new Map<string, number>();
  private _totals: Readonly<Record<string, Total>> = {};
}

/** Columns without rows. */
export function emptyColumns(): Columns {
  return {
    ...(Object.fromEntries(FLAT.map(field => [field, []])) as unknown as Omit<
      Columns,
      'storage'
    >),
    storage: { id: [], bytes: [], shared_by: [] }
  };
}
