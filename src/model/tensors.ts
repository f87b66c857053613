import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { TensorColumns } from '../api/types';
import { Arranger } from './arrangement';
import type { IArrangement, IQuery } from './arrangement';
import type { SortKey } from './ordering';
import { TensorTable } from './table';

/** What a list says about itself. */
export type ListHead = Omit<
  TensorColumns,
  'columns' | 'groups' | 'removed' | 'totals' | 'full' | 'revision'
>;

/**
 * The tensors of the current kernel and how a person looks at them.
 */
export class TensorsModel {
  /** Rows, query, fold or selection changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Another row was selected, or the selected row itself changed. */
  get selectionChanged(): ISignal<this, void> {
    return this._selectionChanged;
  }

  readonly table = new TensorTable();

  /** Null before the first list. */
  get head(): ListHead | null {
    return this._head;
  }

  get query(): IQuery {
    return this._query;
  }

  /** The lines to show; computed when first asked for after a change. */
  get arrangement(): IArrangement {
    return (this._arrangement ??= this._arranger.arrange(this._query, group =>
      this.isOpen(group)
    ));
  }

  get devices(): readonly string[] {
    return this._arranger.devices();
  }

  /** Id of the selected row, or null. */
  get selected(): string | null {
    return this._selected;
  }

  apply(list: TensorColumns): void {
    const before = this._mark();
    this.table.apply(list);
    this._head = list;
    this._followName();
    const { device } = this._query;
    if (device !== null && !this.devices.includes(device)) {
      // Its last tensor is gone: an empty list would only puzzle.
      this._query = { ...this._query, device: null };
    }
    this._touch();
    if (this._mark() !== before) {
      this._selectionChanged.emit();
    }
  }

  clear(): void {
    this.table.clear();
    this._head = null;
    this.select(null);
    this._touch();
  }

  /** Changes part of the query. */
  ask(part: Partial<IQuery>): void {
    if ('text' in part) {
      this._foldedInSearch.clear();
    }
    this._query = { ...this._query, ...part };
    this._touch();
  }

  /** Sorts one way, then the other, then by name again. */
  toggleSort(key: SortKey): void {
    const { sort, descending } = this._query;
    // Of sizes, people ask for the largest first.
    const first = key === 'bytes' || key === 'rank';
    if (sort !== key) {
      this.ask({ sort: key, descending: first });
    } else if (descending === first) {
      this.ask({ descending: !first });
    } else {
      this.ask({ sort: 'name', descending: false });
    }
  }

  /** Groups are folded at first, and open while a search found rows in them. */
  isOpen(group: string): boolean {
    return this._query.text.trim() === ''
      ? this._unfolded.has(group)
      : !this._foldedInSearch.has(group);
  }

  setOpen(group: string, open: boolean): void {
    const searching = this._query.text.trim() !== '';
    const names = searching ? this._foldedInSearch : this._unfolded;
    if (open !== searching) {
      names.add(group);
    } else {
      names.delete(group);
    }
    this._touch();
  }

  setAllOpen(open: boolean): void {
    this._unfolded.clear();
    this._foldedInSearch.clear();
    for (const { name } of this.table.groups) {
      if (this.isOpen(name) !== open) {
        this.setOpen(name, open);
      }
    }
    this._touch();
  }

  select(id: string | null): void {
    if (id !== this._selected) {
      const row = id === null ? undefined : this.table.row(id);
      this._selected = id;
      this._selectedName =
        row === undefined ? null : this.table.columns.name[row];
      this._changed.emit();
      this._selectionChanged.emit();
    }
  }

  /** Selects a row and makes sure that it is among the lines. */
  reveal(id: string): void {
    const row = this.table.row(id);
    if (row === undefined) {
      return;
    }
    this.select(id);
    if (!this.arrangement.lines.includes(row)) {
      this.ask({ text: '', device: null });
      const group = this.table.columns.group[row];
      if (group !== null) {
        this.setOpen(group, true);
      }
    }
  }

  /** The id of the row that has this expression, as name or as alias. */
  find(expression: string): string | null {
    const { id, name, aliases } = this.table.columns;
    let row = name.indexOf(expression);
    if (row < 0) {
      row = aliases.findIndex(others => others.includes(expression));
    }
    return row < 0 ? null : id[row];
  }

  /** The ids of the other rows on the same storage. */
  sharing(row: number): number[] {
    const { storage } = this.table.columns;
    const own = storage.id[row];
    const rows: number[] = [];
    if (own !== null && (storage.shared_by[row] ?? 0) > 0) {
      storage.id.forEach((id, other) => {
        if (id === own && other !== row) {
          rows.push(other);
        }
      });
    }
    return rows;
  }

  /**
   * A cell that runs again makes new objects under the old names: who chose
   * `loss` means whatever `loss` is now.
   */
  private _followName(): void {
    const { _selected, _selectedName, table } = this;
    if (_selected === null) {
      return;
    }
    const row = table.row(_selected);
    if (row !== undefined) {
      this._selectedName = table.columns.name[row];
    } else if (_selectedName !== null) {
      this._selected = this.find(_selectedName) ?? _selected;
    }
  }

  /** Differs when the selected row does. */
  private _mark(): string {
    const row =
      this._selected === null ? undefined : this.table.row(this._selected);
    if (row === undefined) {
      return '';
    }
    const c = this.table.columns;
    return JSON.stringify([
      c.id[row],
      c.name[row],
      c.version[row],
      c.shape[row],
      c.strides[row],
      c.dtype[row],
      c.device[row],
      c.storage.id[row],
      c.storage.shared_by[row],
      c.grad_fn[row],
      c.requires_grad[row],
      // Its gradient may have come, which the row itself does not tell.
      this._head?.gradients_taken_at
    ]);
  }

  private _touch(): void {
    this._arrangement = null;
    this._changed.emit();
  }

  private _arranger = new Arranger(this.table);
  private _arrangement: IArrangement | null = null;
  private _changed = new Signal<this, void>(this);
  private _foldedInSearch = new Set<string>();
  private _head: ListHead | null = null;
  private _query: IQuery = {
    text: '',
    device: null,
    sort: 'name',
    descending: false
  };
  private _selected: string | null = null;
  private _selectedName: string | null = null;
  private _selectionChanged = new Signal<this, void>(this);
  private _unfolded = new Set<string>();
}
