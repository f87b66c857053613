import { describe, expect, it } from 'vitest';
import {
  byKind,
  childrenOf,
  countOwners,
  findPart,
  linesOf,
  partsOf,
  releasableOf,
  releaseOf,
  shortName,
  wholeOf
} from '../../src/memory/owners';
import { squarify } from '../../src/memory/squarify';
import type { MemoryOwner } from '../../src/api/types';
import { device, owner } from './accounts';

const NET = owner({
  owner: 'parameter',
  name: 'net',
  bytes: 300,
  children: [
    owner({ owner: 'parameter', name: 'net[0].weight', bytes: 200 }),
    owner({ owner: 'parameter', name: 'net[0].bias', bytes: 100 })
  ]
});

describe('the owners of a device', () => {
  it('come with what nobody has, the largest first', () => {
    const parts = partsOf(
      device({ owners: [NET, owner()], unaccounted: 150, cache: 900 })
    );
    expect(parts.map(({ kind, bytes }) => [kind, bytes])).toEqual([
      ['cache', 900],
      ['parameters', 300],
      ['unaccounted', 150],
      ['variables', 100]
    ]);
  });

  it('and all others add up to what is used', () => {
    const one = device({
      owners: [NET, owner()],
      unaccounted: 50,
      cache: 20,
      others: [
        { kind: 'kernel', name: 'b.ipynb', bytes: 80, pid: 2, kernel_id: 'b' },
        {
          kind: 'untold',
          name: 'not told',
          bytes: null,
          pid: null,
          kernel_id: null
        }
      ]
    });
    const parts = partsOf(one);
    expect(wholeOf(parts)).toBe(550);
    const sum = Array.from(byKind(one).values()).reduce((a, b) => a + b, 0);
    expect(sum).toBe(550);
    expect(parts.map(({ name }) => name)).toEqual([
      'net',
      'x',
      'b.ipynb',
      '',
      ''
    ]);
    expect(parts.map(releaseOf).slice(2)).toEqual([
      null,
      null,
      'allocator_cache'
    ]);
  });

  it('are counted with those that are not told one by one', () => {
    const rest = owner({ name: '5900 more', bytes: 9000 });
    const parts = partsOf(device({ owners: [NET, rest], cache: 1 }));
    expect(countOwners(parts)).toBe(5901);
  });

  it('unfold into what is in them, by short names', () => {
    const parts = partsOf(device({ owners: [NET, owner()] }));
    expect(linesOf(parts, () => false).map(({ name }) => name)).toEqual([
      'net',
      'x'
    ]);
    const lines = linesOf(parts, key => key === parts[0].key);
    expect(lines.map(shortName)).toEqual([
      'net',
      '[0].weight',
      '[0].bias',
      'x'
    ]);
    expect(lines.map(({ level }) => level)).toEqual([1, 2, 2, 1]);
  });

  it('are found again by their keys at the next look', () => {
    const [before] = partsOf(device({ owners: [NET] }));
    const { key } = childrenOf(before)[1];
    const after = partsOf(device({ owners: [owner({ bytes: 900 }), NET] }));
    expect(findPart(after, key)?.name).toBe('net[0].bias');
    expect(findPart(partsOf(device()), key)).toBeNull();
  });

  it('of one name are told apart', () => {
    const twice = owner({
      owner: 'graph',
      name: 'loss',
      children: [owner({ name: 'Mul.self' }), owner({ name: 'Mul.self' })]
    });
    const parts = partsOf(device({ owners: [twice, owner({ name: 'loss' })] }));
    const all = linesOf(parts, () => true).map(({ key }) => key);
    expect(new Set(all).size).toBe(4);
  });
});

describe('what to ask so that it goes', () => {
  it.each([
    ['output', 'Out[7]', 'output:7'],
    ['exception', 'ValueError', 'last_exception'],
    ['unreachable', 'a cycle', 'garbage'],
    ['gradient', 'net', 'gradients:net'],
    ['graph', 'loss', 'name:loss'],
    ['graph', 'Out[7]', 'output:7'],
    ['graph', 'Out[7][0]', 'output:7'],
    ['graph', '__', 'output_history'],
    ['graph', '_7', 'output_history'],
    ['graph', '_loss', 'name:_loss'],
    // A local of a call, and what has no name at all.
    ['graph', 'out in train()', null],
    ['graph', 'a result that has no name', null],
    ['gradient', 'net in train()', null],
    ['output', '_', 'output_history'],
    ['variable', '%run train.py: model', null],
    ['parameter', '%run train.py: model', null],
    ['gradient', '%run train.py: model', null],
    ['container', "größe['a b'][-1].data", "name:größe['a b'][-1].data"],
    ['container', 'x]', null],
    ['container', "d['a'b']", null],
    ['parameter', 'net', 'name:net'],
    ['variable', '5900 more', null],
    ['frame', 'train()', null],
    ['workspace', 'cuBLAS', null]
  ] as const)('%s %s: %s', (kind, name, what) => {
    const [part] = partsOf(device({ owners: [owner({ owner: kind, name })] }));
    expect(releaseOf(part)).toBe(what);
  });

  it('of a part of it: nothing, for the rest would be broken', () => {
    const [part] = partsOf(device({ owners: [NET] }));
    expect(releaseOf(childrenOf(part)[0])).toBeNull();
  });

  it('of the cache, and of what nobody has', () => {
    const parts = partsOf(device({ owners: [], cache: 2, unaccounted: 1 }));
    expect(parts.map(releaseOf)).toEqual(['allocator_cache', null]);
  });
});

describe('what can be released without a name of the user’s', () => {
  it('is told by what it takes, with the activations that go with it', () => {
    const some = (kind: MemoryOwner['owner'], name: string, bytes: number) =>
      owner({ owner: kind, name, bytes });
    const devices = [
      device({
        owners: [
          some('exception', 'ValueError', 40),
          some('graph', 'Out[7]', 20),
          some('output', 'Out[3]', 5),
          some('graph', 'loss', 900),
          some('graph', 'out in train()', 800),
          some('variable', 'x', 700)
        ]
      }),
      device({ device: 'cpu', owners: [some('exception', 'ValueError', 3)] })
    ];
    expect(Array.from(releasableOf(devices))).toEqual([
      ['last_exception', 43],
      ['output_history', 25]
    ]);
  });
});

describe('the map', () => {
  const SPACE = { x: 10, y: 20, width: 300, height: 200 };
  const VALUES = [60, 50, 40, 30, 20, 10, 5, 1, 1, 0.5];

  it('gives each its share of the area', () => {
    const rects = squarify(VALUES, SPACE);
    const sum = VALUES.reduce((all, value) => all + value, 0);
    rects.forEach(({ width, height }, i) => {
      expect(width * height).toBeCloseTo((60_000 * VALUES[i]) / sum, 6);
    });
  });

  it('covers the space, and nothing twice', () => {
    const rects = squarify(VALUES, SPACE);
    for (const one of rects) {
      expect(one.x).toBeGreaterThanOrEqual(10 - 1e-9);
      expect(one.y).toBeGreaterThanOrEqual(20 - 1e-9);
      expect(one.x + one.width).toBeLessThanOrEqual(310 + 1e-9);
      expect(one.y + one.height).toBeLessThanOrEqual(220 + 1e-9);
      for (const other of rects) {
        const across =
          Math.min(one.x + one.width, other.x + other.width) -
          Math.max(one.x, other.x);
        const along =
          Math.min(one.y + one.height, other.y + other.height) -
          Math.max(one.y, other.y);
        expect(one === other || across < 1e-9 || along < 1e-9).toBe(true);
      }
    }
  });

  it('is as square as the paper says', () => {
    // The example of Bruls, Huizing and van Wijk.
    const rects = squarify([6, 6, 4, 3, 2, 2, 1], {
      x: 0,
      y: 0,
      width: 6,
      height: 4
    });
    const sides = ({ width, height }: { width: number; height: number }) =>
      Math.max(width / height, height / width);
    expect(rects.slice(0, 2).map(sides)).toEqual([1.5, 1.5]);
    expect(Math.max(...rects.map(sides))).toBeLessThan(3.1);
  });

  it('of nothing, or without room, is nothing', () => {
    expect(squarify([], SPACE)).toEqual([]);
    const [flat] = squarify([1], { ...SPACE, width: 0 });
    expect(flat.width * flat.height).toBe(0);
  });
});
