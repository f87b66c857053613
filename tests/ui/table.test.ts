import { describe, expect, it } from 'vitest';
import { TensorTable } from '../../src/model/table';
import { list, row } from './lists';

function names(table: TensorTable): string[] {
  return table.columns.name.slice();
}

describe('a table of tensors', () => {
  it('takes a whole list and forgets the one before', () => {
    const table = new TensorTable();
    table.apply(list([row({ name: 'old' })]));
    table.apply(list([row({ name: 'x' }), row({ name: 'y' })]));
    expect(names(table)).toEqual(['x', 'y']);
    expect(table.row('old')).toBeUndefined();
    expect(table.row('y')).toBe(1);
  });

  it('changes the rows that a difference names, and no others', () => {
    const table = new TensorTable();
    table.apply(list([row({ name: 'x' }), row({ name: 'y' })]));
    table.apply(
      list([row({ name: 'y', shape: [9], version: 4 })], {
        full: false,
        revision: 'e:2'
      })
    );
    expect(table.columns.shape).toEqual([[2, 3], [9]]);
    expect(table.columns.version).toEqual([0, 4]);
    expect(table.revision).toBe('e:2');
  });

  it('adds new rows and drops removed ones, in one difference', () => {
    const table = new TensorTable();
    table.apply(list(['a', 'b', 'c', 'd'].map(name => row({ name }))));
    table.apply(
      list([row({ name: 'e' }), row({ name: 'c', device: 'cuda:0' })], {
        full: false,
        removed: ['a', 'd', 'never there']
      })
    );
    expect(names(table)).toEqual(['b', 'c', 'e']);
    expect(table.columns.device).toEqual(['cpu', 'cuda:0', 'cpu']);
    expect(table.columns.storage.id).toEqual(['s-b', 's-c', 's-e']);
    expect(['b', 'c', 'e'].map(id => table.row(id))).toEqual([0, 1, 2]);
  });

  it('keeps every column as long as the others', () => {
    const table = new TensorTable();
    table.apply(list(['a', 'b', 'c'].map(name => row({ name }))));
    table.apply(list([row({ name: 'd' })], { full: false, removed: ['b'] }));
    const { storage, ...flat } = table.columns;
    for (const column of [...Object.values(flat), ...Object.values(storage)]) {
      expect(column).toHaveLength(3);
    }
  });

  it('has no revision after it was cleared, so that all is sent again', () => {
    const table = new TensorTable();
    table.apply(list([row({ name: 'x' })]));
    table.clear();
    expect(table.revision).toBeNull();
    expect(table.length).toBe(0);
  });
});
