import { Signal } from '@lumino/signaling';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IChecks, IClient } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import type { IStream, StreamState } from '../../src/api/stream';
import type {
  Kernel,
  StreamMessage,
  Subscribe,
  TensorDetail
} from '../../src/api/types';
import type { IActivity, ICurrentKernel } from '../../src/model/activity';
import { LiveModel } from '../../src/model/live';
import { Settings } from '../../src/model/settings';
import { Changes, move, settled } from './changes';
import { list, row } from './lists';

/** The network's end: what was asked for, and what comes. */
class Wire implements IStream {
  state: StreamState = 'closed';
  stateChanged = new Signal<this, StreamState>(this);
  message = new Signal<this, StreamMessage>(this);
  requests: (() => Subscribe)[] = [];
  asked: Subscribe[] = [];

  subscribe(request: () => Subscribe): IDisposable {
    this.requests.push(request);
    this.asked.push(request());
    return new DisposableDelegate(() => {
      this.requests = this.requests.filter(other => other !== request);
    });
  }

  retry(): void {
    if (this.state === 'waiting') {
      this.become('connecting');
    }
  }

  become(state: StreamState): void {
    this.state = state;
    this.stateChanged.emit(state);
  }

  get topics(): string[] {
    return this.requests
      .map(request => request())
      .map(({ topic, kernel_id }) => [topic, kernel_id].join(' ').trim())
      .sort();
  }
}

/** The notebook that is in use. */
class Notebook implements IActivity {
  current: ICurrentKernel | null = {
    id: 'k1',
    title: 'a.ipynb',
    kernel: 'Python 3',
    state: 'idle'
  };
  withoutKernel: string | null = null;
  readonly notebook = null;
  isStarting = false;
  changed = new Signal<this, void>(this);
  restarted = new Signal<this, void>(this);
}

class Rest extends Changes implements IClient, IChecks {
  failure: ApiError | null = null;
  details: string[] = [];

  async status(): Promise<never> {
    throw this.failure ?? new ApiError(0, 'no_answer', 'No answer.', '');
  }

  async kernels(): Promise<Kernel[]> {
    return [];
  }

  async tensor(kernelId: string, id: string): Promise<TensorDetail> {
    this.details.push(`${kernelId} ${id}`);
    return { ...row({ name: 'x', id }), values: null } as TensorDetail;
  }

  async check(): Promise<never> {
    throw new ApiError(0, 'no_answer', 'No answer.', '');
  }
}

let wire: Wire;
let notebook: Notebook;
let rest: Rest;
let settings: Settings;
let live: LiveModel;

beforeEach(() => {
  wire = new Wire();
  notebook = new Notebook();
  rest = new Rest();
  settings = new Settings();
  settings.values = { ...settings.values };
  live = new LiveModel(wire, rest, notebook, settings, () => 1000);
});

function send(part: Partial<Parameters<typeof list>[1]> = {}): void {
  wire.message.emit({
    type: 'tensors',
    kernel_id: 'k1',
    data: list([row({ name: 'x' })], part)
  });
}

describe('looking', () => {
  it('asks for nothing before somebody watches, nor after', () => {
    expect(wire.topics).toEqual([]);
    const watch = live.watch(true);
    expect(wire.topics).toEqual(['kernel k1', 'status']);
    watch.dispose();
    expect(wire.topics).toEqual([]);
  });

  it('looks seldom for a glance and closely for the panel', () => {
    live.watch(false);
    expect(wire.asked[wire.asked.length - 1].interval).toBe(10);
    const panel = live.watch(true);
    expect(wire.requests[0]().interval).toBe(2);
    panel.dispose();
    expect(wire.requests[0]().interval).toBe(10);
  });

  it('asks for nothing when the user switched it off', () => {
    live.watch(true);
    settings.values = { ...settings.values, enabled: false };
    expect(wire.topics).toEqual([]);
    settings.values = { ...settings.values, enabled: true };
    expect(wire.topics).toEqual(['kernel k1', 'status']);
  });

  it('asks for nothing before the settings are known', () => {
    const unknown = new LiveModel(wire, rest, notebook, new Settings());
    unknown.watch(true);
    expect(wire.topics).toEqual([]);
  });
});

describe('following', () => {
  it('leaves one kernel for another, whose list it takes in full', () => {
    live.watch(true);
    send();
    notebook.current = { ...notebook.current!, id: 'k2' };
    notebook.changed.emit();
    expect(wire.topics).toEqual(['kernel k2', 'status']);
    expect(live.tensors.table.length).toBe(0);
    expect(wire.asked[wire.asked.length - 1].since).toBeNull();
    send();
    expect(live.tensors.table.length).toBe(0);
  });

  it('names the revision that it has when the stream comes back', () => {
    live.watch(true);
    send({ revision: 'e:41' });
    const kernel = wire.requests
      .map(request => request())
      .find(r => r.kernel_id);
    expect(kernel).toMatchObject({ since: 'e:41' });
  });

  it('forgets the tensors of a kernel that restarts', () => {
    live.watch(true);
    send();
    notebook.restarted.emit();
    expect(live.tensors.table.length).toBe(0);
    expect(live.lookedAt).toBe(0);
  });

  it('asks for everything when a difference comes after that', () => {
    live.watch(true);
    send();
    notebook.restarted.emit();
    const before = wire.asked.length;
    send({ full: false });
    expect(live.tensors.table.length).toBe(0);
    expect(wire.asked.slice(before)).toContainEqual(
      expect.objectContaining({ topic: 'kernel', since: null })
    );
  });
});

describe('moves', () => {
  it('are followed by the stream, and failed by a restart', async () => {
    live.watch(true);
    send();
    const tell = (state: 'queued' | 'running'): void =>
      wire.message.emit({
        type: 'move',
        kernel_id: 'k1',
        data: move({ state })
      });
    tell('queued');
    expect(live.moves.moving.map(m => m.move?.state)).toEqual(['queued']);
    tell('running');
    expect(live.moves.moving.map(m => m.move?.state)).toEqual(['running']);
    notebook.restarted.emit();
    expect(live.moves.moving).toEqual([]);
    expect(live.moves.moved?.error?.code).toBe('kernel_restarted');
  });

  it('that ended while the stream was away are asked for', async () => {
    live.watch(true);
    wire.message.emit({
      type: 'move',
      kernel_id: 'k1',
      data: move({ state: 'running' })
    });
    wire.become('waiting');
    wire.become('open');
    expect(rest.last).toMatchObject({ what: 'change', id: 'm1' });
    await rest.last.answer(move({ state: 'done' }));
    expect(live.moves.moved?.move?.state).toBe('done');
  });

  it('that ended are followed by a look at the tensors', async () => {
    live.watch(true);
    void live.moves.drafts.propose(['x'], 'cuda:0');
    await rest.last.answer(move());
    void live.moves.confirm();
    const before = wire.asked.length;
    await rest.last.answer(move({ state: 'done' }));
    await settled();
    expect(wire.asked.length).toBeGreaterThan(before);
  });
});

describe('what is wrong', () => {
  it.each([
    [0, 'away'],
    [404, 'missing'],
    [403, 'forbidden']
  ])('an answer %i means that the server is %s', async (status, state) => {
    live.watch(true);
    rest.failure = new ApiError(status, 'code', 'Sentence.', '');
    wire.become('waiting');
    await Promise.resolve();
    await Promise.resolve();
    expect(live.server).toBe(state);
    wire.become('open');
    expect(live.server).toBe('fine');
  });

  it('is forgotten with the next answer', () => {
    live.watch(true);
    wire.message.emit({
      type: 'stale',
      kernel_id: 'k1',
      age_ms: 5000,
      message: 'It is in C code.'
    });
    expect(live.stale).toBe('It is in C code.');
    wire.message.emit({
      type: 'unchanged',
      kernel_id: 'k1',
      revision: 'e:1',
      taken_at: '',
      kernel_state: 'busy'
    });
    expect(live.stale).toBeNull();
    expect(live.lookedAt).toBe(1000);
  });
});

describe('the detail', () => {
  it('is read when a tensor is chosen, and again when it changes', async () => {
    live.watch(true);
    send();
    live.tensors.select('x');
    await Promise.resolve();
    expect(rest.details).toEqual(['k1 x']);
    wire.message.emit({
      type: 'tensors',
      kernel_id: 'k1',
      data: list([row({ name: 'x', version: 3 })], { full: false })
    });
    expect(rest.details).toEqual(['k1 x', 'k1 x']);
  });

  it('is not read while nobody watches', () => {
    const watch = live.watch(true);
    send();
    watch.dispose();
    live.tensors.select('x');
    expect(rest.details).toEqual([]);
    live.watch(true);
    expect(rest.details).toEqual(['k1 x']);
  });
});
