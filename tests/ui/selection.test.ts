import { beforeEach, describe, expect, it } from 'vitest';
import { groupKey, rowKey } from '../../src/model/selection';
import type { Key } from '../../src/model/selection';
import { renewed } from '../../src/model/targets';
import { TensorsModel } from '../../src/model/tensors';
import { group, list, row } from './lists';

let model: TensorsModel;

const rows = (): ReturnType<typeof row>[] => [
  row({ name: 'a', id: '1' }),
  row({ name: 'b', id: '2', bytes: 100, device: 'cuda:0' }),
  row({ name: 'c', id: '3' }),
  row({ name: 'net.v', id: '4', group: 'net', bytes: 40 }),
  row({ name: 'net.w', id: '5', group: 'net', bytes: 60 })
];

beforeEach(() => {
  model = new TensorsModel();
  model.apply(list(rows(), { groups: [group('net')] }));
});

const chosen = (): string[] => Array.from(model.selection.chosen);
const key = (line: number): Key => model.keyOf(line);

describe('choosing lines', () => {
  it('a click chooses one', () => {
    model.choose(key(0), 'pick');
    model.choose(key(2), 'pick');
    expect(chosen()).toEqual(['r3']);
    expect(model.selected).toBe('3');
  });

  it('Ctrl adds one and takes it away', () => {
    model.choose(key(0), 'pick');
    model.choose(key(2), 'toggle');
    expect(chosen()).toEqual(['r1', 'r3']);
    model.choose(key(0), 'toggle');
    expect(chosen()).toEqual(['r3']);
    expect(model.selection.active).toBe('r1');
  });

  it('Shift chooses from the anchor to here, in both directions', () => {
    model.choose(key(1), 'pick');
    model.choose(key(3), 'extend');
    expect(chosen()).toEqual(['r2', 'r3', 'gnet']);
    model.choose(key(0), 'extend');
    expect(chosen()).toEqual(['r1', 'r2']);
  });

  it('Shift with an arrow extends and shrinks', () => {
    model.choose(key(0), 'pick');
    model.choose(key(1), 'extend');
    model.choose(key(2), 'extend');
    model.choose(key(1), 'extend');
    expect(chosen()).toEqual(['r1', 'r2']);
    expect(model.selection.active).toBe('r2');
  });

  it('Ctrl with an arrow only goes there', () => {
    model.choose(key(0), 'pick');
    model.choose(key(2), 'go');
    expect(chosen()).toEqual(['r1']);
    expect(model.selection.active).toBe('r3');
    expect(model.selected).toBe('1');
  });

  it('Ctrl+A chooses every line that is shown', () => {
    model.ask({ text: 'net' });
    model.chooseAll();
    expect(chosen()).toEqual(['gnet', 'r4', 'r5']);
  });

  it('follows a name to its new object, and drops what is gone', () => {
    model.choose(key(0), 'pick');
    model.choose(key(1), 'toggle');
    model.choose(key(3), 'toggle');
    model.apply(
      list([row({ name: 'a', id: '11' }), row({ name: 'c', id: '3' })])
    );
    expect(chosen()).toEqual(['r11']);
    expect(model.selection.active).toBeNull();
  });
});

describe('what is chosen', () => {
  it('is a group by name, without its rows once more', () => {
    model.setOpen('net', true);
    model.choose(groupKey('net'), 'pick');
    model.choose(rowKey('5'), 'toggle');
    model.choose(rowKey('2'), 'toggle');
    const { choice } = model;
    expect(choice.targets).toEqual(['net', { id: '2', path: 'b' }]);
    expect(choice.tensors).toBe(3);
    expect(choice.bytes).toBe(200);
    expect(choice.hasGroups).toBe(true);
    expect(Array.from(choice.devices).sort()).toEqual(['cpu', 'cuda:0']);
  });

  it('counts a storage once', () => {
    const storage = { id: 's', bytes: 100, shared_by: 1 };
    model.apply(
      list([row({ name: 'a', id: '1', storage }), row({ name: 'b', storage })])
    );
    model.chooseAll();
    expect(model.choice.bytes).toBe(100);
  });

  it('is asked for by the ids that the names have now', () => {
    const targets = ['net', { id: 'old', path: 'a' }, { id: '9', path: 'z' }];
    expect(renewed(model, targets)).toEqual([
      'net',
      { id: '1', path: 'a' },
      'z'
    ]);
  });
});
