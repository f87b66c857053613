import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type { StreamMessage, Subscribe } from '../../src/api/types';
import type { IDoctorClient } from '../../src/doctor/client';
import { DoctorModel } from '../../src/doctor/model';
import type { Watched } from '../../src/doctor/model';
import type { Doctor, DoctorCheck, Verdict } from '../../src/doctor/types';
import { countsText, grouped, obstacle, worst } from '../../src/doctor/words';
import { Settings } from '../../src/model/settings';

const trans = {
  __: (text: string, ...parts: unknown[]) =>
    text.replace(/%(\d)/g, (_, n: string) => String(parts[Number(n) - 1])),
  _n: (one: string, many: string, n: number, ...parts: unknown[]) =>
    (n === 1 ? one : many).replace(/%(\d)/g, (_, at: string) =>
      String([n, ...parts][Number(at) - 1])
    )
} as unknown as TranslationBundle;

const doctor = (part: Partial<Doctor> = {}): Doctor => ({
  kernel_id: null,
  state: 'none',
  verdict: null,
  summary: 'This has not been examined yet.',
  first: null,
  checks: [],
  executable: null,
  python: null,
  where: null,
  seconds: null,
  taken_at: null,
  complete: null,
  integrity: null,
  note: null,
  text: null,
  run: null,
  error: null,
  ...part
});

const check = (id: string, verdict: Verdict): DoctorCheck => ({
  id,
  group: id.split('.')[0],
  title: id,
  verdict,
  evidence: [],
  command: null,
  next_step: null
});

const KERNEL = {
  id: 'k1',
  title: 'train.ipynb',
  kernel: 'Python 3',
  state: 'idle'
};

/** Answers when it is told to. */
class Server implements IDoctorClient {
  async report(kernelId: string | null): Promise<Doctor> {
    return this._asked('report', kernelId);
  }

  async examine(kernelId: string | null, andFiles: boolean): Promise<Doctor> {
    return this._asked(andFiles ? 'examine files' : 'examine', kernelId);
  }

  async cancel(kernelId: string | null): Promise<Doctor> {
    return this._asked('cancel', kernelId);
  }

  async answers(answer: Doctor | ApiError): Promise<void> {
    const { resolve, reject } = this._waiting.shift()!;
    if (answer instanceof ApiError) {
      reject(answer);
    } else {
      resolve(answer);
    }
    // Whoever asked goes on first.
    await new Promise(resolved => setTimeout(resolved));
  }

  private async _asked(what: string, kernelId: string | null): Promise<Doctor> {
    this.asked.push(`${what} ${kernelId ?? 'server'}`);
    return new Promise((resolve, reject) => {
      this._waiting.push({ resolve, reject });
    });
  }

  asked: string[] = [];

  private _waiting: {
    resolve: (answer: Doctor) => void;
    reject: (reason: unknown) => void;
  }[] = [];
}

class Live {
  subscribe(request: () => Subscribe): {
    dispose(): void;
    isDisposed: boolean;
  } {
    const name = `${request().topic} ${request().kernel_id ?? 'server'}`;
    this.subscribed.push(name);
    return {
      isDisposed: false,
      dispose: () => {
        this.subscribed = this.subscribed.filter(one => one !== name);
      }
    };
  }

  becomes(current: typeof KERNEL | null): void {
    this.current = current;
    this.changed.emit();
  }

  says(kernel_id: string | null, data: Doctor): void {
    this.heard.emit({ type: 'doctor', kernel_id, data });
  }

  current: typeof KERNEL | null = KERNEL;
  kernel: { agent: string; reason: string | null } | null = null;
  isStarting = false;
  settings = new Settings();
  subscribed: string[] = [];
  changed = new Signal<Live, void>(this);
  heard = new Signal<Live, StreamMessage>(this);
}

let server: Server;
let live: Live;
let model: DoctorModel;

const switchTo = (enabled: boolean): void => {
  live.settings.values = { ...live.settings.values, enabled };
};

beforeEach(() => {
  server = new Server();
  live = new Live();
  switchTo(true);
  model = new DoctorModel(server, live as unknown as Watched);
});

describe('the last report', () => {
  it('is asked for when somebody looks, which starts nothing', () => {
    expect(server.asked).toEqual([]);
    expect(live.subscribed).toEqual([]);
    model.isActive = true;
    expect(server.asked).toEqual(['report k1']);
    expect(live.subscribed).toEqual(['doctor k1']);
    model.isActive = false;
    expect(live.subscribed).toEqual([]);
  });

  it('is of the kernel, or of the server when there is none', () => {
    model.isActive = true;
    expect(model.place).toBe('kernel');
    live.becomes(null);
    expect(model.place).toBe('server');
    expect(live.subscribed).toEqual(['doctor server']);
    live.becomes({ ...KERNEL, id: 'k2' });
    expect(live.subscribed).toEqual(['doctor k2']);
  });

  it('is of whom a person chose, also when the notebook changes', () => {
    model.isActive = true;
    model.place = 'server';
    live.becomes({ ...KERNEL, id: 'k2' });
    expect(live.subscribed).toEqual(['doctor server']);
    model.place = 'kernel';
    live.becomes(null);
    expect(model.place).toBe('kernel');
    expect(model.known).toBeNull();
    expect(live.subscribed).toEqual([]);
  });

  it('of a kernel is not asked for while DL Kit is switched off', () => {
    switchTo(false);
    model.isActive = true;
    expect(server.asked).toEqual([]);
    model.place = 'server';
    expect(server.asked).toEqual(['report server']);
    model.place = 'kernel';
    switchTo(true);
    expect(live.subscribed).toEqual(['doctor k1']);
  });

  it('of one kernel is kept while another is shown', async () => {
    model.isActive = true;
    await server.answers(doctor({ summary: 'first' }));
    live.becomes({ ...KERNEL, id: 'k2' });
    expect(model.known?.doctor).toBeNull();
    live.becomes(KERNEL);
    expect(model.known?.doctor?.summary).toBe('first');
  });

  it('of a kernel that has ended is forgotten', async () => {
    model.isActive = true;
    await server.answers(doctor({ summary: 'first' }));
    live.becomes(null);
    live.says(null, doctor({ summary: 'of the server' }));
    model.keep(['k1', 'k2']);
    live.becomes(KERNEL);
    expect(model.known?.doctor?.summary).toBe('first');
    live.becomes(null);
    model.keep(['k2']);
    expect(model.known?.doctor?.summary).toBe('of the server');
    live.becomes(KERNEL);
    expect(model.known?.doctor).toBeNull();
  });
});

describe('an examination', () => {
  it('starts when a person asks, and is told by the stream', async () => {
    model.isActive = true;
    await server.answers(doctor());
    const asking = model.examine();
    expect(server.asked.slice(-1)).toEqual(['examine k1']);
    expect(model.known?.isAsking).toBe(true);
    await server.answers(doctor({ state: 'running' }));
    await asking;
    expect(model.known).toMatchObject({
      isAsking: false,
      doctor: { state: 'running' }
    });
    live.says('k2', doctor({ state: 'failed' }));
    expect(model.known?.doctor?.state).toBe('running');
    live.says('k1', doctor({ state: 'done', verdict: 'ok' }));
    expect(model.known?.doctor?.verdict).toBe('ok');
  });

  it('that ended before its own answer came has ended', async () => {
    const asking = model.examine(true);
    expect(server.asked).toEqual(['examine files k1']);
    live.says('k1', doctor({ state: 'done', verdict: 'ok' }));
    await server.answers(doctor({ state: 'running' }));
    await asking;
    expect(model.known?.doctor?.state).toBe('done');
  });

  it('that is refused leaves the earlier report', async () => {
    live.says('k1', doctor({ verdict: 'ok' }));
    const asking = model.examine();
    await server.answers(new ApiError(504, 'busy', 'It is busy.', ''));
    await asking;
    expect(model.known).toMatchObject({
      error: { message: 'It is busy.' },
      doctor: { verdict: 'ok' },
      isAsking: false
    });
    live.says('k1', doctor({ state: 'running' }));
    expect(model.known?.error).toBeNull();
  });

  it('can be cancelled', async () => {
    model.place = 'server';
    const asking = model.cancel();
    await server.answers(doctor({ state: 'cancelled' }));
    await asking;
    expect(server.asked).toEqual(['cancel server']);
    expect(model.known?.doctor?.state).toBe('cancelled');
  });

  it('of no kernel is not asked for', async () => {
    model.place = 'kernel';
    live.becomes(null);
    await model.examine();
    expect(server.asked).toEqual([]);
  });
});

describe('what stands in the way', () => {
  const said = (known = model.known): string | undefined =>
    obstacle(live as never, model.place, known, trans)?.text;

  it.each([
    ['idle', undefined],
    // It is examined in a process of its own.
    ['busy', undefined],
    ['dead', 'The kernel of train.ipynb died.'],
    ['restarting', 'The kernel is restarting.']
  ])('of a kernel that is %s', (state, sentence) => {
    live.becomes({ ...KERNEL, state });
    expect(said()).toBe(sentence);
  });

  it('is said where there is no kernel, but the server can be examined', () => {
    model.place = 'kernel';
    live.becomes(null);
    expect(said()).toBe('There is no kernel to examine.');
    live.isStarting = true;
    expect(said()).toBe('The kernel is starting.');
    model.place = 'server';
    expect(said()).toBeUndefined();
  });

  it('is said of a kernel that is not Python’s', () => {
    live.kernel = { agent: 'unsupported', reason: 'It speaks R.' };
    expect(obstacle(live as never, 'kernel', null, trans)).toEqual({
      tone: 'calm',
      text: 'The kernel of train.ipynb cannot be examined.',
      hint: 'It speaks R.'
    });
  });

  it('is said to who may not, of the server too', () => {
    const error = new ApiError(403, 'forbidden', 'No.', '');
    const known = { doctor: null, error, isAsking: false };
    expect(said(known)).toMatch(/may not examine the kernels/);
    model.place = 'server';
    expect(said(known)).toMatch(/may read what was found/);
  });

  it('is said while DL Kit is switched off', () => {
    switchTo(false);
    expect(said()).toMatch(/switched off/);
  });
});

describe('the checks', () => {
  const checks = [
    check('machine.door', 'problem'),
    check('extension.new', 'ok'),
    check('accelerator.driver', 'unknown'),
    check('machine.disk', 'ok'),
    check('machine.memory', 'ok'),
    check('network.dns', 'not_applicable')
  ];

  it('stand by group, of which an unknown one comes last', () => {
    expect(
      grouped(checks).map(({ id, checks }) => [id, checks.length])
    ).toEqual([
      ['accelerator', 1],
      ['machine', 3],
      ['extension', 1],
      ['network', 1]
    ]);
    expect(grouped(checks)[1].checks[0].id).toBe('machine.door');
  });

  it('are as bad as the worst of them', () => {
    expect(worst(checks)).toBe('problem');
    expect(worst(checks.slice(1))).toBe('unknown');
    expect(worst(checks.slice(3))).toBe('ok');
    expect(worst([])).toBe('not_applicable');
  });

  it('are counted in words', () => {
    expect(countsText(checks, trans)).toBe('1 problem, 1 unknown, 3 fine');
    expect(countsText(checks.slice(5), trans)).toBe('');
  });
});
