import { Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type { IChecks } from '../../src/api/client';
import type { Check, CheckRequest } from '../../src/api/types';
import { CellCheckModel } from '../../src/cellcheck/model';
import { linesOf, offsetOf, rangeOf } from '../../src/cellcheck/position';
import type { IFinding } from '../../src/cellcheck/types';

const SOURCE = [
  "größe = x + y  # 'ä'",
  "print('👩‍🔬', über @ w)",
  '',
  'total = (a',
  '  - b)'
];

const text = Text.of(SOURCE);

/** Where Python's `ast` says that something is. */
function placed(line: number, what: string): [number, number] {
  const before = SOURCE[line - 1].slice(0, SOURCE[line - 1].indexOf(what));
  const from = new TextEncoder().encode(before).length;
  return [from, from + new TextEncoder().encode(what).length];
}

function words(
  line: number,
  column: number,
  end_line: number,
  end_column: number
): string {
  const { from, to } = rangeOf(text, { line, column, end_line, end_column });
  return text.sliceString(from, to);
}

describe('places that Python counts in bytes', () => {
  it.each([
    [1, 'größe'],
    [1, 'x + y'],
    [1, "'ä'"],
    [2, "'👩‍🔬'"],
    [2, 'über @ w'],
    [2, 'w']
  ])('line %i: %s', (line, what) => {
    const [column, end] = placed(line, what);
    expect(words(line, column, line, end)).toBe(what);
  });

  it('go over several lines', () => {
    expect(words(4, 9, 5, 5)).toBe('a\n  - b');
  });

  it('are marked line by line, without indentation', () => {
    const all = { from: 0, to: text.length };
    const marked = linesOf(text, all).map(({ from, to }) =>
      text.sliceString(from, to)
    );
    expect(marked).toEqual([SOURCE[0], SOURCE[1], 'total = (a', '- b)']);
    expect(linesOf(text, { from: 1, to: 3 })).toEqual([{ from: 1, to: 3 }]);
  });

  it('mark the whole line when they are empty', () => {
    expect(words(4, 3, 4, 3)).toBe('total = (a');
  });

  it('stay in the text, whatever they say', () => {
    expect(words(1, 0, 99, 99)).toBe(SOURCE.join('\n'));
    expect(words(0, 0, 1, 999)).toBe(SOURCE[0]);
    expect(words(3, 0, 3, 9)).toBe('');
    // In the middle of a character: before it.
    expect(offsetOf(text, 1, 3)).toBe(2);
  });
});

describe('a check', () => {
  const finding = (line: number): IFinding => ({
    line,
    column: 0,
    end_line: line,
    end_column: 5,
    code: 'shapes',
    severity: 'error',
    message: 'x (2, 2) and y (3, 3) do not fit.',
    source: 'x + y',
    operands: ['x', 'y'],
    mends: []
  });

  /** Answers when it is told to. */
  class Server implements IChecks {
    check(kernelId: string | null, request: CheckRequest): Promise<Check> {
      return new Promise((resolve, reject) => {
        this.asked.push({
          kernelId,
          request,
          resolve: answer => resolve({ ...NOTHING, ...answer }),
          reject
        });
      });
    }

    asked: {
      kernelId: string | null;
      request: CheckRequest;
      resolve: (answer: Partial<Check>) => void;
      reject: (reason: unknown) => void;
    }[] = [];
  }

  const NOTHING: Check = {
    ok: true,
    result: null,
    operands: [],
    dimensions: [],
    problems: [],
    warnings: [],
    mends: []
  };

  it('tells what was found, as a reader meets it', async () => {
    const server = new Server();
    const model = new CellCheckModel(server);
    const check = model.check('k1', 'x + y');
    expect(server.asked[0]).toMatchObject({
      kernelId: 'k1',
      request: { source: 'x + y', kind: 'cell' }
    });
    expect(model.state.what).toBe('checking');
    server.asked[0].resolve({ findings: [finding(7), finding(2)] });
    await check;
    expect(model.state).toMatchObject({
      what: 'found',
      findings: [{ line: 2 }, { line: 7 }]
    });
  });

  it('tells why the server could not', async () => {
    const server = new Server();
    const model = new CellCheckModel(server);
    const check = model.check('k1', 'x +');
    const error = new ApiError(400, 'syntax', 'Line 1 cannot be parsed.', '');
    server.asked[0].reject(error);
    await check;
    expect(model.state).toEqual({ what: 'failed', error });
  });

  it('tells that a cell cannot be parsed', async () => {
    const server = new Server();
    const model = new CellCheckModel(server);
    const check = model.check('k1', 'x +');
    const undetermined = 'Line 1 cannot be parsed: invalid syntax.';
    server.asked[0].resolve({ findings: [], undetermined });
    await check;
    expect(model.state).toMatchObject({
      what: 'failed',
      error: { message: undetermined }
    });
  });

  it('does not hear an answer to an earlier question', async () => {
    const server = new Server();
    const model = new CellCheckModel(server);
    const first = model.check('k1', 'x');
    const second = model.check('k1', 'y');
    server.asked[1].resolve({ findings: [finding(2)] });
    await second;
    server.asked[0].resolve({ findings: [finding(1)] });
    await first;
    expect(model.state).toMatchObject({ findings: [{ line: 2 }] });
  });

  it('says nothing once it is given up', async () => {
    const server = new Server();
    const model = new CellCheckModel(server);
    const check = model.check('k1', 'x');
    let times = 0;
    model.changed.connect(() => {
      times++;
    });
    model.giveUp();
    server.asked[0].resolve({ findings: [finding(1)] });
    await check;
    expect(times).toBe(0);
  });
});
