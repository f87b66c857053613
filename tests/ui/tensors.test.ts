import { beforeEach, describe, expect, it } from 'vitest';
import { TensorsModel } from '../../src/model/tensors';
import { group, list, row } from './lists';

let model: TensorsModel;
let selections: number;

beforeEach(() => {
  model = new TensorsModel();
  selections = 0;
  model.selectionChanged.connect(() => {
    selections++;
  });
  model.apply(
    list(
      [
        row({ name: 'x', id: '1' }),
        row({ name: 'net.w', id: '2', group: 'net', aliases: ['w'] }),
        row({ name: 'g', id: '3', device: 'cuda:0' })
      ],
      { groups: [group('net')] }
    )
  );
});

function shown(): string[] {
  const { lines, groups } = model.arrangement;
  return Array.from(lines, line =>
    line < 0 ? `<${groups[-1 - line].name}>` : model.table.columns.name[line]
  );
}

describe('a person looking at tensors', () => {
  it('sees modules folded, and unfolds one', () => {
    expect(shown()).toEqual(['g', '<net>', 'x']);
    model.setOpen('net', true);
    expect(shown()).toEqual(['g', '<net>', 'net.w', 'x']);
  });

  it('sees what a search found inside modules, until the search ends', () => {
    model.ask({ text: 'net' });
    expect(shown()).toEqual(['<net>', 'net.w']);
    model.setOpen('net', false);
    expect(shown()).toEqual(['<net>']);
    model.ask({ text: '' });
    expect(shown()).toEqual(['g', '<net>', 'x']);
  });

  it('unfolds and folds everything at once', () => {
    model.setAllOpen(true);
    expect(model.isOpen('net')).toBe(true);
    model.setAllOpen(false);
    expect(model.isOpen('net')).toBe(false);
  });

  it('sorts bytes with the largest first, then turns, then back to names', () => {
    const orders = [1, 2, 3].map(() => {
      model.toggleSort('bytes');
      return [model.query.sort, model.query.descending];
    });
    expect(orders).toEqual([
      ['bytes', true],
      ['bytes', false],
      ['name', false]
    ]);
  });

  it('keeps the chosen name when a cell makes it anew', () => {
    model.select('1');
    model.apply(
      list([row({ name: 'x', id: '9', shape: [5] })], {
        full: false,
        removed: ['1']
      })
    );
    expect(model.selected).toBe('9');
    expect(selections).toBe(2);
  });

  it('keeps the choice of a tensor that is gone, so that it can be named', () => {
    model.select('1');
    model.apply(list([], { full: false, removed: ['1'] }));
    expect(model.selected).toBe('1');
    expect(model.table.row('1')).toBeUndefined();
  });

  it('hears of a change of the chosen tensor, and not of the others', () => {
    model.select('1');
    model.apply(
      list([row({ name: 'g', id: '3', version: 7 })], { full: false })
    );
    expect(selections).toBe(1);
    model.apply(
      list([row({ name: 'x', id: '1', version: 7 })], { full: false })
    );
    expect(selections).toBe(2);
  });

  it('is shown all devices again when the chosen one has no tensors left', () => {
    model.ask({ device: 'cuda:0' });
    expect(shown()).toEqual(['g']);
    model.apply(list([], { full: false, removed: ['3'] }));
    expect(model.query.device).toBeNull();
    expect(shown()).toEqual(['<net>', 'x']);
  });

  it('finds a tensor by any of its expressions', () => {
    expect(model.find('w')).toBe('2');
    expect(model.find('net.w')).toBe('2');
    expect(model.find('never')).toBeNull();
  });

  it('is brought to a tensor inside a folded module', () => {
    model.reveal('2');
    expect(model.selected).toBe('2');
    expect(shown()).toContain('net.w');
  });
});
