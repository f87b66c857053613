import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IChecks } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { Check, CheckRequest } from '../../src/api/types';
import { CheckModel } from '../../src/model/check/model';
import {
  fewest,
  operandName,
  OPERATIONS,
  operationOf
} from '../../src/model/check/operations';
import { askable } from '../../src/model/check/question';
import { argumentOf, operandOf } from '../../src/model/check/typed';
import { TensorsModel } from '../../src/model/tensors';
import { concerned } from '../../src/panel/check/concerned';
import { partOf, sizeOf } from '../../src/panel/check/words';
import { list, row } from './lists';

const shape = (sizes: number[], dtype = 'float32', device = 'cpu'): object => ({
  shape: sizes,
  dtype,
  device,
  name: null,
  requires_grad: false
});

describe('what is typed for an operand', () => {
  it.each([
    ['(8, 1, 6, 1)', shape([8, 1, 6, 1])],
    ['8,1', shape([8, 1])],
    ['[3, 3]', shape([3, 3])],
    ['(3,)', shape([3])],
    ['3,', shape([3])],
    ['()', shape([])],
    ['(0, 2)', shape([0, 2])],
    ['(8, 1) float64', shape([8, 1], 'float64')],
    ['(8, 1) torch.long cuda:1', shape([8, 1], 'int64', 'cuda:1')],
    ['8, 1, bfloat16, mps', shape([8, 1], 'bfloat16', 'mps')]
  ])('%s is a shape', (typed, operand) => {
    expect(operandOf(typed)).toEqual(operand);
  });

  it.each([
    ['2.5', 2.5],
    ['-3', -3],
    ['1e-3', 1e-3],
    ['True', true]
  ])('%s is a number', (typed, scalar) => {
    expect(operandOf(typed)).toEqual({ scalar });
  });

  it.each(["batch['x']", 'x', 'net[0].weight', '(a, 1)', '(8, 1) blue', '8x'])(
    '%s is for the kernel to say',
    typed => {
      expect(operandOf(` ${typed} `)).toEqual({ expression: typed });
    }
  );

  it('is nothing yet', () => {
    expect(operandOf('  ')).toBeNull();
  });
});

describe('an argument', () => {
  const ints = { name: 'shape', kind: 'ints', preset: '' } as const;

  it.each([
    ['(4, -1)', [4, -1]],
    ['2', 2],
    ['(2,)', [2]],
    ['same', 'same'],
    ['', undefined]
  ])('%s', (typed, value) => {
    expect(argumentOf(ints, typed)).toEqual(value);
  });

  it('that is text stays text', () => {
    const equation = { name: 'equation', kind: 'text', preset: '' } as const;
    expect(argumentOf(equation, 'ij,jk->ik')).toBe('ij,jk->ik');
  });
});

describe('operations', () => {
  it('have names of their own, and operands', () => {
    const names = OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(OPERATIONS.every(one => fewest(one) > 0)).toBe(true);
  });

  it('know what their operands are called', () => {
    expect(operandName(operationOf('linear'), 2)).toBe('bias');
    expect(operandName(operationOf('cat'), 4)).toBe('tensor 5');
    expect(operationOf('nothing such').name).toBe('add');
  });
});

describe('a question', () => {
  const question = {
    kind: 'operation',
    operation: 'cat',
    operands: ['x', '(2, 3)'],
    args: {},
    source: ''
  } as const;

  it('goes with what its operation presets', () => {
    expect(askable(question)).toEqual({
      request: {
        operation: 'cat',
        operands: [{ expression: 'x' }, shape([2, 3])],
        arguments: { dim: 0 }
      },
      expressions: ['x']
    });
  });

  it('waits until every operand is there that has to be', () => {
    const linear = { ...question, operation: 'linear' };
    expect(askable({ ...linear, operands: ['x', '', ''] })).toBeNull();
    expect(
      askable({ ...linear, operands: ['x', 'w', ''] })?.expressions
    ).toEqual(['x', 'w']);
  });
});

describe('a column', () => {
  const column = (sizes: (number | null)[], verdict: string): never =>
    ({ position: -1, sizes, verdict }) as never;

  it.each([
    [[1, 7], 'stretch', 7, ['stretch', 'equal']],
    [[8, null], 'missing', 8, ['equal', 'missing']],
    [[3, 3], 'equal', 3, ['equal', 'equal']],
    [[2, 3], 'clash', null, ['clash', 'clash']],
    // The one that is not 1, and not the larger one.
    [[1, 0], 'stretch', 0, ['stretch', 'equal']],
    [[1, null], 'missing', 1, ['equal', 'missing']],
    [[1, 2, 3], 'clash', null, ['equal', 'clash', 'clash']]
  ])('%j (%s) becomes %s', (sizes, verdict, to, parts) => {
    const it = column(sizes, verdict);
    expect(sizeOf(it)).toBe(to);
    expect(sizes.map(size => partOf(size, it, to))).toEqual(parts);
  });
});

describe('sizes that do not match, where nothing is broadcast', () => {
  const problem = (code: string, dimension: number | null): never =>
    ({ code, message: '', operands: [0, 1], dimension }) as never;
  const of = (...shapes: number[][]): never =>
    ({ operands: shapes.map(sizes => shape(sizes)) }) as never;

  it.each([
    [
      'inner',
      [
        [5, 6],
        [7, 8]
      ],
      -1,
      [
        [0, -1],
        [1, -2]
      ]
    ],
    [
      'inner',
      [[5, 6], [7]],
      -1,
      [
        [0, -1],
        [1, -1]
      ]
    ],
    // torch.inner sums over the last dimension of both.
    [
      'inner',
      [
        [5, 6],
        [6, 8]
      ],
      -1,
      [
        [0, -1],
        [1, -1]
      ]
    ],
    [
      'features',
      [
        [5, 6],
        [4, 7]
      ],
      -1,
      [
        [0, -1],
        [1, -1]
      ]
    ],
    [
      'batch',
      [
        [2, 5, 6],
        [3, 6, 7]
      ],
      -3,
      [
        [0, -3],
        [1, -3]
      ]
    ],
    [
      'dtype',
      [
        [5, 6],
        [7, 8]
      ],
      -1,
      [[0, -1]]
    ],
    ['rank', [[5], [7]], null, []]
  ])('%s of %j', (code, shapes, dimension, expected) => {
    expect(concerned(of(...shapes), problem(code, dimension))).toEqual(
      expected
    );
  });
});

const ANSWER: Check = {
  ok: true,
  result: { shape: [2, 3], dtype: 'float32', device: 'cpu', bytes: 24 },
  operands: [],
  dimensions: [],
  problems: [],
  warnings: [],
  mends: []
};

describe('the checker', () => {
  let asked: { kernelId: string | null; request: CheckRequest }[];
  let answer: () => Promise<Check>;
  let tensors: TensorsModel;
  let kernelId: string | null;
  let model: CheckModel;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', globalThis);
    asked = [];
    answer = () => Promise.resolve(ANSWER);
    kernelId = 'k1';
    tensors = new TensorsModel();
    tensors.apply(list([row({ name: 'x' }), row({ name: 'y' })]));
    const client: IChecks = {
      check: (kernel, request) => {
        asked.push({ kernelId: kernel, request });
        return answer();
      }
    };
    model = new CheckModel(client, tensors, () => kernelId);
    model.isActive = true;
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const quiet = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

  it('asks once when typing stops', async () => {
    model.take(['x', 'y']);
    model.setOperand(1, '(2,');
    model.setOperand(1, '(2, 3)');
    await quiet();
    expect(asked).toHaveLength(1);
    expect(model.answer).toBe(ANSWER);
  });

  it('needs no kernel for shapes, and says so for names', async () => {
    kernelId = null;
    model.change({ operands: ['(2, 3)', '(3,)'] });
    await quiet();
    expect(asked[0].kernelId).toBeNull();
    expect(model.answer).toBe(ANSWER);
    model.setOperand(0, 'x');
    await quiet();
    expect(asked).toHaveLength(1);
    expect(model.error?.code).toBe('no_kernel');
  });

  it('asks again when one of its tensors changes, and only then', async () => {
    model.take(['x', 'y']);
    await quiet();
    tensors.apply(
      list([row({ name: 'x' }), row({ name: 'y' }), row({ name: 'z' })])
    );
    await quiet();
    expect(asked).toHaveLength(1);
    tensors.apply(list([row({ name: 'x', shape: [4] }), row({ name: 'y' })]));
    await quiet();
    expect(asked).toHaveLength(2);
  });

  it('asks nothing while nobody looks, and then once', async () => {
    model.isActive = false;
    model.take(['x', 'y']);
    await quiet();
    expect(asked).toHaveLength(0);
    model.isActive = true;
    await quiet();
    expect(asked).toHaveLength(1);
  });

  it('forgets an answer that comes after the next question', async () => {
    let late: (check: Check) => void = () => undefined;
    answer = () => new Promise(resolve => (late = resolve));
    model.take(['x', 'y']);
    await quiet();
    const first = late;
    model.setOperand(0, '(1,)');
    await quiet();
    first({ ...ANSWER, ok: false });
    await quiet();
    expect(model.answer).toBeNull();
    late(ANSWER);
    await quiet();
    expect(model.answer).toBe(ANSWER);
  });

  it('shows why there is no answer', async () => {
    answer = () => Promise.reject(new ApiError(404, 'no_tensor', 'No q.', ''));
    model.take(['q', 'y']);
    await quiet();
    expect(model.error?.message).toBe('No q.');
    expect(model.answer).toBeNull();
  });

  it('takes as many operands as were chosen', () => {
    model.pick('matmul');
    model.take(['x', 'y']);
    expect(model.question.operation).toBe('matmul');
    model.take(['x', 'y', 'x']);
    expect(model.question.operation).toBe('broadcast_tensors');
    expect(model.question.operands).toEqual(['x', 'y', 'x']);
  });

  it('puts one tensor where there is a place for it', () => {
    model.take(['x']);
    model.take(['y']);
    expect(model.question.operands).toEqual(['x', 'y']);
    model.take(['y']);
    expect(model.question.operands).toEqual(['y', 'y']);
  });
});
