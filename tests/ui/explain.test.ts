import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LiveModel } from '../../src/model/live';
import type { IExplanationClient } from '../../src/explain/client';
import { ExplanationModel, releasableNow } from '../../src/explain/model';
import type { IFailedCell, IOutOfMemory } from '../../src/explain/model';
import type { IExplanation, IMemoryError } from '../../src/explain/types';
import { TextSwitch } from '../../src/explain/switch';
import {
  figuresText,
  operandText,
  outOfMemoryTitle,
  placeOf,
  titleOf
} from '../../src/explain/words';

const trans = {
  __: (text: string, ...parts: unknown[]) =>
    text.replace(/%(\d)/g, (_, n: string) => String(parts[Number(n) - 1]))
} as unknown as TranslationBundle;

const explanation = (part: Partial<IExplanation> = {}): IExplanation => ({
  kind: 'shape',
  line: 2,
  expression: 'x @ w',
  operands: [],
  problem: 'The last dimension of x is 3, and the first of w is 4.',
  mends: [],
  layer: null,
  layer_text: null,
  unknown: null,
  evidence: null,
  where: null,
  execution_count: 7,
  ...part
});

const cell = (part: Partial<IFailedCell> = {}): IFailedCell => ({
  kernelId: 'k1',
  cellId: 'c1',
  source: 'y = 1\nif y:\r\n    z = x @ w',
  executionCount: 7,
  ...part
});

type IAnswer = {
  explanation: IExplanation | null;
  memory_error: IMemoryError | null;
};

/** Answers when it is told to. */
class Server implements Pick<IExplanationClient, 'explanation'> {
  explanation(kernelId: string): Promise<IAnswer> {
    return new Promise((resolve, reject) => {
      this.asked.push({
        kernelId,
        resolve: (explanation, memory_error = null) =>
          resolve({ explanation, memory_error }),
        reject
      });
    });
  }

  asked: {
    kernelId: string;
    resolve: (
      explanation: IExplanation | null,
      error?: IMemoryError | null
    ) => void;
    reject: (reason: unknown) => void;
  }[] = [];
}

let server: Server;
let isWanted: boolean;
let model: ExplanationModel;

beforeEach(() => {
  server = new Server();
  isWanted = true;
  model = new ExplanationModel(server, () => isWanted);
});

async function explained(
  answer: IExplanation | null,
  of = cell()
): Promise<void> {
  const asking = model.failed(of);
  server.asked[server.asked.length - 1].resolve(answer);
  await asking;
}

describe('why a cell failed', () => {
  it('is shown with the line that the user wrote', async () => {
    await explained(explanation({ line: 3 }));
    expect(server.asked[0].kernelId).toBe('k1');
    expect(model.of('k1')).toMatchObject({ code: 'z = x @ w' });
    expect(model.of('k2')).toBeNull();
    expect(model.of(null)).toBeNull();
  });

  it('has no line when it is of another cell, or of a file', async () => {
    await explained(explanation({ where: 'an earlier cell' }));
    expect(model.of('k1')).toMatchObject({ code: null });
  });

  it('is not shown for another run than the one that failed', async () => {
    await explained(explanation({ execution_count: 6 }));
    expect(model.of('k1')).toBeNull();
  });

  it('is not news when the server cannot say', async () => {
    const asking = model.failed(cell());
    server.asked[0].reject(new Error('404'));
    await asking;
    expect(model.of('k1')).toBeNull();
    await explained(null);
    expect(model.of('k1')).toBeNull();
  });

  it('goes when the next cell fails for another reason', async () => {
    await explained(explanation());
    await explained(null, cell({ cellId: 'c2', executionCount: 8 }));
    expect(model.of('k1')).toBeNull();
  });

  it('goes when that cell runs, and only then', async () => {
    await explained(explanation());
    model.succeeded('k1', 'c2');
    model.succeeded('k2', 'c1');
    expect(model.of('k1')).not.toBeNull();
    model.succeeded('k1', 'c1');
    expect(model.of('k1')).toBeNull();
  });

  it('goes when the user has read it', async () => {
    await explained(explanation());
    let times = 0;
    model.changed.connect(() => {
      times++;
    });
    model.forget('k1');
    expect(model.of('k1')).toBeNull();
    expect(times).toBe(1);
  });

  it('does not come late, after the next one', async () => {
    const first = model.failed(cell());
    const second = model.failed(cell({ executionCount: 8 }));
    server.asked[1].resolve(explanation({ execution_count: 8, line: 1 }));
    await second;
    server.asked[0].resolve(explanation());
    await first;
    expect(model.of('k1')).toMatchObject({
      explanation: { execution_count: 8 }
    });
  });

  it('is not asked for when the user does not want it', async () => {
    isWanted = false;
    await model.failed(cell());
    expect(server.asked).toEqual([]);
    isWanted = true;
    await explained(explanation());
    isWanted = false;
    expect(model.of('k1')).toBeNull();
  });
});

describe('a cell without memory enough', () => {
  const error = (part: Partial<IMemoryError> = {}): IMemoryError => ({
    execution_count: 7,
    device: 'cuda:0',
    asked: 2048,
    free: 1024,
    total: 4096,
    allocated: 3072,
    reserved: 3072,
    owners: [{ owner: 'parameter', name: 'model', bytes: 2048 }],
    releasable: [{ what: 'last_exception', bytes: 512, is_exact: true }],
    text: 'dlkit: cuda:0 was out of memory',
    ...part
  });

  it('is told with who has the memory', async () => {
    const asking = model.failed(cell());
    server.asked[0].resolve(null, error());
    await asking;
    expect(model.of('k1')).toMatchObject({
      kind: 'memory',
      error: { device: 'cuda:0', asked: 2048 }
    });
    expect(outOfMemoryTitle(error(), trans)).toBe('Out of memory on cuda:0');
    expect(figuresText(error(), trans)).toBe(
      '2 KiB were asked for. 1 KiB are free now, of 4 KiB.'
    );
    expect(figuresText(error({ asked: null, total: null }), trans)).toBe(
      '1 KiB are free now.'
    );
  });

  it('offers what was not released since, the exception first', async () => {
    const releasable = ['allocator_cache', 'output_history', 'last_exception'];
    const out = async (): Promise<string[]> => {
      const asking = model.failed(cell());
      const rows = releasable.map(what => ({ what, bytes: 1, is_exact: true }));
      server.asked[server.asked.length - 1].resolve(
        null,
        error({ releasable: rows })
      );
      await asking;
      const explained = model.of('k1') as IOutOfMemory;
      return releasableNow(
        explained,
        (what, moment) => (doneAt[what] ?? -1) >= moment
      ).map(({ what }) => what);
    };
    const doneAt: Record<string, number> = {};
    let now = 10;
    model = new ExplanationModel(
      server,
      () => true,
      () => now
    );
    const all = ['last_exception', 'allocator_cache', 'output_history'];
    expect(await out()).toEqual(all);
    doneAt.last_exception = 11;
    now = 10;
    expect(await out()).toEqual(all.slice(1));
    // The same cell fails in the same way: there is an exception again.
    now = 12;
    expect(await out()).toEqual(all);
  });

  it('is not told of another run', async () => {
    const asking = model.failed(cell());
    server.asked[0].resolve(null, error({ execution_count: 6 }));
    await asking;
    expect(model.of('k1')).toBeNull();
  });
});

describe('its words', () => {
  it.each([
    [{ kind: 'shape' }, /shapes/],
    [{ kind: 'device' }, /devices/],
    [{ kind: 'dtype' }, /dtypes/],
    [{ kind: 'index' }, /index/],
    [{ kind: 'something new' }, /Why it failed$/]
  ])('of %o', (part, title) => {
    expect(titleOf(explanation(part), trans)).toMatch(title);
  });

  it('say where it was', () => {
    expect(placeOf(explanation(), trans)).toBe('Line 2 of cell [7]');
    expect(placeOf(explanation({ execution_count: null }), trans)).toBe(
      'Line 2'
    );
    expect(placeOf(explanation({ where: 'net.py' }), trans)).toBe(
      'Line 2 of net.py'
    );
  });

  it('say what an operand is, as Python would', () => {
    const operand = { name: 'x', dtype: 'float32', device: 'cuda:0' };
    const said = (shape: number[], derived = false): string =>
      operandText({ ...operand, shape, derived }, trans);
    expect(said([8, 1])).toBe('(8, 1) float32 on cuda:0');
    expect(said([8])).toBe('(8,) float32 on cuda:0');
    expect(said([])).toBe('() float32 on cuda:0');
    expect(said([8], true)).toBe('(8,) float32 on cuda:0, by the rules');
  });

  it('say of a temporary that it is not known', () => {
    expect(
      operandText(
        {
          name: 'f(x)',
          shape: null,
          dtype: null,
          device: null,
          derived: false
        },
        trans
      )
    ).toBe('not known: a temporary');
  });
});

describe('the text below the traceback', () => {
  let told: [string, boolean][];
  let live: { current: object | null; kernel: object | null };
  let changed: Signal<object, void>;
  let text: TextSwitch;

  beforeEach(() => {
    told = [];
    live = { current: { id: 'k1' }, kernel: null };
    changed = new Signal(live);
    Object.assign(live, { changed });
    text = new TextSwitch(
      {
        writeText: async (kernelId, isWanted) => {
          told.push([kernelId, isWanted]);
        }
      },
      live as unknown as LiveModel
    );
  });

  const becomes = (agent: string, id = 'k1'): void => {
    live.current = { id };
    live.kernel = { id, agent };
    changed.emit();
  };

  it('is as the kernel has it, while the user does not mind', () => {
    becomes('attached');
    text.isWanted = true;
    expect(told).toEqual([]);
  });

  it('is switched off once in each kernel, and on again', () => {
    text.isWanted = false;
    becomes('attached');
    becomes('attached');
    becomes('attached', 'k2');
    becomes('attached');
    expect(told).toEqual([
      ['k1', false],
      ['k2', false]
    ]);
    text.isWanted = true;
    expect(told.slice(2)).toEqual([['k1', true]]);
  });

  it('is switched off again after a restart', () => {
    text.isWanted = false;
    becomes('attached');
    becomes('detached');
    expect(told).toEqual([['k1', false]]);
    becomes('attached');
    expect(told.slice(1)).toEqual([['k1', false]]);
  });

  it('is switched on again in a kernel that was looked away from', () => {
    text.isWanted = false;
    becomes('attached');
    becomes('attached', 'k2');
    text.isWanted = true;
    live.kernel = null;
    live.current = { id: 'k1' };
    changed.emit();
    becomes('attached');
    expect(told.slice(2)).toEqual([
      ['k2', true],
      ['k1', true]
    ]);
  });
});
