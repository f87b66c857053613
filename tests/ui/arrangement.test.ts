import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/api/types';
import { Arranger } from '../../src/model/arrangement';
import type { IArrangement, IQuery } from '../../src/model/arrangement';
import { TensorTable } from '../../src/model/table';
import { group, list, manyRows, row } from './lists';

const QUERY: IQuery = {
  text: '',
  device: null,
  sort: 'name',
  descending: false
};

function tableOf(rows: Tensor[], groups: string[] = []): TensorTable {
  const table = new TensorTable();
  table.apply(list(rows, { groups: groups.map(name => group(name)) }));
  return table;
}

/** The lines as a person reads them; groups in angle brackets. */
function read(table: TensorTable, { lines, groups }: IArrangement): string[] {
  return Array.from(lines, line =>
    line < 0 ? `<${groups[-1 - line].name}>` : table.columns.name[line]
  );
}

function arranged(
  table: TensorTable,
  query: Partial<IQuery> = {},
  open: (name: string) => boolean = () => false
): string[] {
  return read(table, new Arranger(table).arrange({ ...QUERY, ...query }, open));
}

describe('sorting', () => {
  it('orders names as people count', () => {
    const table = tableOf(
      ['w[10]', 'w[2]', 'B', 'a', 'w[1]'].map(name => row({ name }))
    );
    expect(arranged(table)).toEqual(['a', 'B', 'w[1]', 'w[2]', 'w[10]']);
  });

  it('puts what has no value last, in both directions', () => {
    const table = tableOf([
      row({ name: 'unknown', rank: null }),
      row({ name: 'matrix', rank: 2 }),
      row({ name: 'number', rank: 0 })
    ]);
    expect(arranged(table, { sort: 'rank' })).toEqual([
      'number',
      'matrix',
      'unknown'
    ]);
    expect(arranged(table, { sort: 'rank', descending: true })).toEqual([
      'matrix',
      'number',
      'unknown'
    ]);
  });

  it('places a group by what its rows take together', () => {
    const table = tableOf(
      [
        row({ name: 'big', bytes: 100 }),
        row({ name: 'net.a', group: 'net', bytes: 90 }),
        row({ name: 'net.b', group: 'net', bytes: 90 })
      ],
      ['net']
    );
    expect(arranged(table, { sort: 'bytes', descending: true })).toEqual([
      '<net>',
      'big'
    ]);
  });

  it('sorts the rows of an open group among themselves', () => {
    const table = tableOf(
      [
        row({ name: 'net.b', group: 'net', bytes: 1 }),
        row({ name: 'net.a', group: 'net', bytes: 2 }),
        row({ name: 'x', bytes: 1000 })
      ],
      ['net']
    );
    expect(arranged(table, {}, () => true)).toEqual([
      '<net>',
      'net.a',
      'net.b',
      'x'
    ]);
    expect(arranged(table, { sort: 'bytes' }, () => true)).toEqual([
      '<net>',
      'net.b',
      'net.a',
      'x'
    ]);
  });
});

describe('filtering', () => {
  const table = tableOf(
    [
      row({ name: 'x', aliases: ['batch["pixels"]'] }),
      row({ name: 'y.*', dtype: 'int64', shape: [64, 3], device: 'cuda:0' }),
      row({ name: 'net.w', group: 'net', type: 'Parameter' }),
      row({ name: 'net.b', group: 'net', device: 'cuda:0' })
    ],
    ['net']
  );

  it.each([
    ['Pixels', ['x']],
    ['.*', ['y.*']],
    ['INT64', ['y.*']],
    ['(64, 3)', ['y.*']],
    ['parameter', ['<net>']],
    ['  x ', ['x']],
    ['nothing has this', []]
  ])('finds %j as text, not as a pattern', (text, found) => {
    expect(arranged(table, { text })).toEqual(found);
  });

  it('keeps one device', () => {
    expect(arranged(table, { device: 'cuda:0' }, () => true)).toEqual([
      '<net>',
      'net.b',
      'y.*'
    ]);
  });

  it('finds a row again after a difference renamed it', () => {
    const changing = tableOf([row({ name: 'x', id: '1' })]);
    const arranger = new Arranger(changing);
    const look = (text: string): string[] =>
      read(
        changing,
        arranger.arrange({ ...QUERY, text }, () => false)
      );
    expect(look('x')).toEqual(['x']);
    changing.apply(list([row({ name: 'z', id: '1' })], { full: false }));
    expect(look('x')).toEqual([]);
    expect(look('z')).toEqual(['z']);
  });
});

describe('folding', () => {
  it('counts each storage of a group once, per device', () => {
    const shared = { id: 'one', bytes: 400, shared_by: 1 };
    const table = tableOf(
      [
        row({ name: 'net.w', group: 'net', storage: shared }),
        row({ name: 'net.tied', group: 'net', storage: shared }),
        row({ name: 'net.b', group: 'net', device: 'cuda:0', bytes: 8 }),
        row({ name: 'net.n', group: 'net', bytes: 5, storage: null })
      ],
      ['net']
    );
    const [net] = new Arranger(table).arrange(QUERY, () => false).groups;
    expect(net).toMatchObject({ name: 'net', count: 4, all: 4, total: 413 });
    expect(Array.from(net.bytes)).toEqual([
      ['cpu', 405],
      ['cuda:0', 8]
    ]);
  });

  it('says how many of its rows a search found', () => {
    const table = tableOf(
      ['a', 'b', 'c'].map(name => row({ name: `net.${name}`, group: 'net' })),
      ['net']
    );
    const { groups, matches } = new Arranger(table).arrange(
      { ...QUERY, text: '.b' },
      () => false
    );
    expect(groups[0]).toMatchObject({ count: 1, all: 3 });
    expect(matches).toBe(1);
  });

  it('folds rows of a group that the list did not describe', () => {
    const table = tableOf([row({ name: 'd["x"]', group: 'd' })]);
    expect(arranged(table)).toEqual(['<d>']);
  });
});

describe('50,000 rows', () => {
  it('are sorted and filtered by every column', () => {
    const rows = manyRows();
    const table = tableOf(rows, []);
    const arranger = new Arranger(table);
    const took: Record<string, string> = {};
    const time = (what: string, query: Partial<IQuery>, times = 5): void => {
      let best = Infinity;
      for (let i = 0; i < times; i++) {
        const start = performance.now();
        const { lines, matches } = arranger.arrange(
          { ...QUERY, ...query },
          () => true
        );
        best = Math.min(best, performance.now() - start);
        expect(matches).toBeGreaterThan(10);
        expect(lines.length).toBeGreaterThan(matches);
      }
      took[what] = `${best.toFixed(1)} ms`;
    };
    time('first look, by name', {}, 1);
    for (const sort of [
      'name',
      'bytes',
      'shape',
      'dtype',
      'device',
      'rank'
    ] as const) {
      time(`sort by ${sort}`, { sort, descending: true });
    }
    time('first search', { text: 'e' }, 1);
    time('search that finds all', { text: 'e' });
    time('search that finds some', { text: 'net24.layers[1' });
    console.table(took);
  });
});
