import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { TensorColumns } from '../api/types';
import { Arranger } from './arrangement';
import type { IArrangement, IQuery } from './arrangement';
import type { SortKey } from './ordering';
import { groupKey, idOf, rowKey, Selection } from './selection';
import type { Key } from './selection';
import { TensorTable } from './table';
import { choiceOf } from './targets';
import type { IChoice } from './targets';

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

  /** Id of the row that was chosen last, which is shown in detail; or null. */
  get selected(): string | null {
    return this._selected;
  }

  /** The lines that are chosen; change it by {@link choose}. */
  get selection(): Omit<
    Selection,
    'pick' | 'toggle' | 'extend' | 'go' | 'all' | 'clear' | 'map'
  > {
    return this._selection;
  }

  /** What the chosen lines amount to; computed when first asked for. */
  get choice(): IChoice {
    return (this._choice ??= choiceOf(this, this._selection.chosen));
  }

  apply(list: TensorColumns): void {
    const before = this._mark();
    const names = this._chosenNames();
    this.table.apply(list);
    this._head = list;
    this._followName();
    this._followChosen(names);
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

  /** Chooses one row alone, or none. */
  select(id: string | null): void {
    if (id === null) {
      this._selection.clear();
    } else {
      this._selection.pick(rowKey(id));
    }
    this._show(id);
    this._onChoice();
  }

  /**
   * Chooses lines, as a click or a key does.
   *
   * `pick`: this one alone; `toggle`: this one too, or no longer; `extend`: from
   * the one before to this one; `go`: none, only the keyboard goes there.
   */
  choose(key: Key, how: 'pick' | 'toggle' | 'extend' | 'go'): void {
    if (how === 'extend') {
      this._selection.extend(key, (from, to) => this._between(from, to));
    } else {
      this._selection[how](key);
    }
    const id = idOf(key);
    if (id !== null && this._selection.has(key)) {
      this._show(id);
    }
    this._onChoice();
  }

  /** Chooses every line that is shown. */
  chooseAll(): void {
    const { lines } = this.arrangement;
    this._selection.all(Array.from(lines, (_, line) => this.keyOf(line)));
    this._onChoice();
  }

  /** What a line of the arrangement is. */
  keyOf(line: number): Key {
    const { lines, groups } = this.arrangement;
    const item = lines[line];
    return item < 0
      ? groupKey(groups[-1 - item].name)
      : rowKey(this.table.columns.id[item]);
  }

  /** The line of a key, or -1. */
  lineOf(key: Key): number {
    const { lines, groups } = this.arrangement;
    const id = idOf(key);
    if (id !== null) {
      const row = this.table.row(id);
      return row === undefined ? -1 : lines.indexOf(row);
    }
    const group = groups.findIndex(({ name }) => groupKey(name) === key);
    return group < 0 ? -1 : lines.indexOf(-1 - group);
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

  private _show(id: string | null): void {
    if (id !== this._selected) {
      const row = id === null ? undefined : this.table.row(id);
      this._selected = id;
      this._selectedName =
        row === undefined ? null : this.table.columns.name[row];
      this._selectionChanged.emit();
    }
  }

  private _onChoice(): void {
    this._choice = null;
    this._changed.emit();
  }

  private _between(from: Key, to: Key): Key[] {
    const [a, b] = [this.lineOf(from), this.lineOf(to)];
    if (a < 0 || b < 0) {
      return [to];
    }
    const first = Math.min(a, b);
    return Array.from({ length: Math.abs(a - b) + 1 }, (_, i) =>
      this.keyOf(first + i)
    );
  }

  /** The names of the chosen rows, to find them by after a change. */
  private _chosenNames(): Map<Key, string> {
    const names = new Map<Key, string>();
    const { active, chosen } = this._selection;
    for (const key of active === null ? chosen : [active, ...chosen]) {
      const id = idOf(key);
      const row = id === null ? undefined : this.table.row(id);
      if (row !== undefined) {
        names.set(key, this.table.columns.name[row]);
      }
    }
    return names;
  }

  /** Chosen rows are followed to the objects that have their names now. */
  private _followChosen(names: ReadonlyMap<Key, string>): void {
    this._choice = null;
    if (this._selection.active === null && this._selection.size === 0) {
      return;
    }
    const { table } = this;
    const groups = new Set(table.groups.map(({ name }) => groupKey(name)));
    let ids: Map<string, string> | null = null;
    this._selection.map(key => {
      const id = idOf(key);
      if (id === null) {
        return groups.has(key) ? key : null;
      }
      if (table.row(id) !== undefined) {
        return key;
      }
      ids ??= new Map(
        table.columns.name.map((n, i) => [n, table.columns.id[i]])
      );
      const now = ids.get(names.get(key) ?? '');
      return now === undefined ? null : rowKey(now);
    });
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
  private _choice: IChoice | null = null;
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
  private _selection = new Selection();
  private _selectionChanged = new Signal<this, void>(this);
  private _unfolded = new Set<string>();
}
