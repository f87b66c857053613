import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type {
  KernelMemory,
  MemoryQuery,
  Release,
  ReleaseRequest,
  ReleasedRow,
  StreamMessage
} from '../../src/api/types';
import { Known } from '../../src/memory/known';
import { MemoryModel } from '../../src/memory/model';
import type { Watched } from '../../src/memory/model';
import { ReleasesModel, isOpen } from '../../src/memory/releases';
import { keptBy } from '../../src/memory/words';
import { account, cell, release } from './accounts';

/** The page's end: the kernel as it is known. */
class Live {
  current: { id: string; state: string } | null = { id: 'k1', state: 'idle' };
  kernel = { id: 'k1', agent: 'attached' };
  isWatched = true;
  server = 'fine';
  settings = { values: { interval: 2 }, changed: new Signal<this, void>(this) };
  tensors = {
    table: { revision: 'a' },
    changed: new Signal<object, void>(this)
  };
  changed = new Signal<this, void>(this);
  refreshed = new Signal<this, void>(this);
  heard = new Signal<this, StreamMessage>(this);
  refreshes = 0;

  refresh(): void {
    this.refreshes++;
    this.refreshed.emit();
  }

  become(state: string): void {
    this.current = { id: 'k1', state };
    this.changed.emit();
  }

  tell(data: Release): void {
    this.heard.emit({ type: 'release', kernel_id: 'k1', data });
  }
}

/** The network's end: answers when it is told to. */
class Server {
  memory(_: string, query: MemoryQuery): Promise<KernelMemory> {
    return new Promise((resolve, reject) => {
      this.asked.push({ query, resolve, reject });
    });
  }

  release(_: string, request: ReleaseRequest): Promise<Release> {
    return this._wait(JSON.stringify(request));
  }

  change(_: string, id: string): Promise<Release> {
    return this._wait(`how is ${id}`);
  }

  cancel(_: string, id: string): Promise<Release> {
    return this._wait(`cancel ${id}`);
  }

  private _wait(what: string): Promise<Release> {
    return new Promise((resolve, reject) => {
      this.changes.push({ what, resolve, reject });
    });
  }

  asked: {
    query: MemoryQuery;
    resolve: (answer: KernelMemory) => void;
    reject: (reason: unknown) => void;
  }[] = [];
  changes: {
    what: string;
    resolve: (answer: Release) => void;
    reject: (reason: unknown) => void;
  }[] = [];
}

let live: Live;
let server: Server;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
  live = new Live();
  server = new Server();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (seconds: number): Promise<unknown> =>
  vi.advanceTimersByTimeAsync(seconds * 1000);

describe('the account', () => {
  let memory: MemoryModel;

  beforeEach(() => {
    memory = new MemoryModel(server, live as unknown as Watched);
  });

  async function looked(answer: KernelMemory = account()): Promise<void> {
    memory.isActive = true;
    await pass(0);
    server.asked[server.asked.length - 1].resolve(answer);
    await pass(0);
  }

  it('is asked for only while somebody sees it', async () => {
    await pass(60);
    expect(server.asked).toHaveLength(0);
    await looked();
    memory.isActive = false;
    live.become('busy');
    live.become('idle');
    await pass(600);
    expect(server.asked).toHaveLength(1);
    memory.isActive = true;
    await pass(0);
    expect(server.asked).toHaveLength(2);
  });

  it('is not asked of a kernel that cannot say', async () => {
    memory.isActive = true;
    live.kernel = { id: 'k1', agent: 'attaching' };
    live.changed.emit();
    await pass(5);
    expect(server.asked).toHaveLength(0);
    live.kernel = { id: 'k1', agent: 'attached' };
    live.changed.emit();
    await pass(1);
    expect(server.asked).toHaveLength(1);
  });

  it('is asked for again when a cell has ended, and when tensors changed', async () => {
    await looked();
    await pass(1);
    live.become('busy');
    await pass(0.1);
    live.become('idle');
    await pass(0.1);
    expect(server.asked).toHaveLength(2);
    server.asked[1].resolve(account());
    await pass(1);
    live.tensors.changed.emit();
    await pass(1);
    expect(server.asked).toHaveLength(2);
    live.tensors.table.revision = 'b';
    live.tensors.changed.emit();
    await pass(1);
    expect(server.asked).toHaveLength(3);
  });

  it('of an idle kernel is left alone when nothing changes', async () => {
    await looked();
    await pass(14);
    expect(server.asked).toHaveLength(1);
    await pass(2);
    expect(server.asked).toHaveLength(2);
  });

  it('costs a running cell one percent of its time at most', async () => {
    await looked(account({ cost_ms: 50 }));
    live.become('busy');
    for (let i = 0; i < 5; i++) {
      await pass(2);
      // Meanwhile its course is asked for, which costs nothing.
      const { query, resolve } = server.asked[i + 1];
      expect(query.owners).toBe('false');
      resolve(account({ devices: [], running: cell({ seconds: i }) }));
      await pass(0);
    }
    expect(memory.known?.account?.running?.seconds).toBe(4);
    expect(memory.known?.account?.devices).toHaveLength(1);
    await pass(0.4);
    expect(server.asked).toHaveLength(6);
    await pass(0.2);
    expect(server.asked[6].query.owners).toBeUndefined();
  });

  it('is not asked of a cell that is over in a moment', async () => {
    await looked();
    await pass(5);
    live.become('busy');
    await pass(1.9);
    expect(server.asked).toHaveLength(1);
  });

  it('costs an idle kernel five percent of its time at most', async () => {
    await looked(account({ cost_ms: 1000 }));
    memory.refresh();
    await pass(19);
    expect(server.asked).toHaveLength(1);
    await pass(1.1);
    expect(server.asked).toHaveLength(2);
  });

  it('is asked one at a time', async () => {
    memory.isActive = true;
    await pass(0);
    memory.refresh();
    live.become('busy');
    await pass(60);
    expect(server.asked).toHaveLength(1);
  });

  it('stays, with its age, when the kernel does not answer', async () => {
    await looked();
    const { lookedAt } = memory;
    memory.refresh();
    await pass(1);
    server.asked[1].reject(new ApiError(504, 'busy', 'It is busy.', 'Wait.'));
    await pass(0);
    expect(memory.error?.code).toBe('busy');
    expect(memory.known?.account).not.toBeNull();
    expect(memory.lookedAt).toBe(lookedAt);
    await pass(4);
    expect(server.asked).toHaveLength(2);
    await pass(1.1);
    server.asked[2].resolve(account());
    await pass(0);
    expect(memory.error).toBeNull();
  });

  it('is asked for anew of a kernel that was out of sight', async () => {
    const cells = [1, 2, 3].map(number => cell({ number }));
    await looked(account({ cells, number: 3 }, [10]));
    // An answer that is under way when another kernel comes is of no use.
    memory.refresh();
    await pass(1);
    expect(server.asked[1].query).toEqual({ since: 3, after: 10 });
    live.current = { id: 'k2', state: 'idle' };
    live.changed.emit();
    server.asked[1].resolve(
      account({ cells: [cell({ number: 4 })], number: 4 })
    );
    await pass(1);
    // Meanwhile it restarts, and runs more cells than before.
    live.current = { id: 'k1', state: 'idle' };
    live.changed.emit();
    await pass(1);
    expect(server.asked[2].query).toEqual({});
    const after = [1, 2, 3, 4, 5].map(number =>
      cell({ number, execution_count: number + 100 })
    );
    server.asked[2].resolve(account({ cells: after, number: 5 }, [70]));
    await pass(0);
    expect(memory.known?.cells).toEqual(after);
    expect(memory.known?.samples.map(({ time }) => time)).toEqual([70]);
    memory.refresh();
    await pass(1);
    expect(server.asked[3].query).toEqual({ since: 5, after: 70 });
  });

  it('of a process that is gone comes too late', async () => {
    memory.isActive = true;
    await pass(0);
    live.become('restarting');
    live.become('idle');
    server.asked[0].resolve(account({ cells: [cell()], number: 1 }));
    await pass(1);
    expect(memory.known?.account).toBeNull();
    expect(server.asked[1].query).toEqual({});
  });

  it('is gone when the kernel restarts', async () => {
    await looked();
    live.become('restarting');
    expect(memory.known?.account).toBeNull();
    expect(memory.lookedAt).toBe(0);
    await pass(60);
    expect(server.asked).toHaveLength(1);
    live.become('idle');
    await pass(1);
    expect(server.asked[1].query).toEqual({});
  });
});

describe('what is known', () => {
  it('grows by what is new', () => {
    const known = new Known();
    expect(known.query).toEqual({});
    known.take(account({ cells: [cell()], number: 1 }, [10.2, 10.8]), {});
    expect(known.query).toEqual({ since: 1, after: 10 });
    known.take(
      // Moments are asked for by whole seconds: some are known already.
      account({ cells: [cell({ number: 2 })], number: 2 }, [10.2, 10.8, 11]),
      known.query
    );
    expect(known.cells.map(({ number }) => number)).toEqual([1, 2]);
    expect(known.samples.map(({ time }) => time)).toEqual([10.2, 10.8, 11]);
    expect(known.samples[2].devices).toEqual({ 'cuda:0': 11 });
  });

  it('is asked for anew from another agent', () => {
    const known = new Known();
    known.take(account({ cells: [cell({ number: 9 })], number: 9 }), {});
    expect(known.take(account({ number: 1 }), known.query)).toBe(false);
    expect(known.query).toEqual({});
    expect(known.cells).toEqual([]);
  });
});

describe('a release', () => {
  let releases: ReleasesModel;

  beforeEach(() => {
    releases = new ReleasesModel(
      server as unknown as ConstructorParameters<typeof ReleasesModel>[0],
      live as unknown as ConstructorParameters<typeof ReleasesModel>[1]
    );
  });

  const states = (): (string | undefined)[] =>
    releases.sent.map(({ release: one, error }) => error?.code ?? one?.state);

  async function sent(answer: Release): Promise<void> {
    void releases.release('last_exception');
    server.changes[server.changes.length - 1].resolve(answer);
    await pass(0);
  }

  it('is told how it ended, and everything is looked at again', async () => {
    await sent(release());
    expect(server.changes[0].what).toBe(
      '{"what":["last_exception"],"dry_run":false}'
    );
    expect(states()).toEqual(['done']);
    expect(live.refreshes).toBe(1);
    releases.dismiss(releases.sent[0]);
    expect(releases.sent).toEqual([]);
  });

  it('waits for the running cell, and is heard of', async () => {
    await sent(release({ state: 'queued' }));
    expect(releases.isUnderWay('last_exception')).toBe(true);
    live.tell(release({ state: 'running' }));
    live.tell(release());
    // Late, and of no use any more.
    live.tell(release({ state: 'running' }));
    expect(states()).toEqual(['done']);
    expect(releases.sent.some(isOpen)).toBe(false);
    expect(live.refreshes).toBe(1);
  });

  it('may be heard of before it is answered', async () => {
    void releases.release('last_exception');
    live.tell(release());
    server.changes[0].resolve(release({ state: 'queued' }));
    await pass(0);
    expect(states()).toEqual(['done']);
  });

  it('is not sent twice', async () => {
    await sent(release({ state: 'queued' }));
    await releases.release('last_exception');
    expect(server.changes).toHaveLength(1);
  });

  it('can be taken back while it is queued', async () => {
    await sent(release({ state: 'queued' }));
    void releases.cancel(releases.sent[0]);
    expect(releases.sent[0].isCancelling).toBe(true);
    expect(server.changes[1].what).toBe('cancel r1');
    server.changes[1].resolve(release({ state: 'cancelled' }));
    await pass(0);
    expect(states()).toEqual(['cancelled']);
  });

  it('that has begun before it could be taken back goes on', async () => {
    await sent(release({ state: 'queued' }));
    void releases.cancel(releases.sent[0]);
    live.tell(release({ state: 'running' }));
    server.changes[1].reject(new ApiError(409, 'begun', 'It has begun.', ''));
    await pass(0);
    expect(states()).toEqual(['running']);
    live.tell(release());
    expect(states()).toEqual(['done']);
  });

  it('that was refused says why', async () => {
    void releases.release('name:x');
    server.changes[0].reject(new ApiError(404, 'no_such', 'No x.', ''));
    await pass(0);
    expect(states()).toEqual(['no_such']);
    expect(releases.isUnderWay('name:x')).toBe(false);
  });

  it('ends with the kernel', async () => {
    await sent(release({ state: 'queued' }));
    live.become('restarting');
    live.become('restarting');
    expect(states()).toEqual(['kernel_restarted']);
  });

  it('that was heard of early is not lost for others that are heard of', async () => {
    void releases.release('last_exception');
    live.tell(release());
    for (let i = 0; i < 15; i++) {
      live.tell(release({ id: `of another page ${i}` }));
    }
    server.changes[0].resolve(release({ state: 'queued' }));
    await pass(0);
    expect(states()).toEqual(['done']);
  });

  it('is known to be done, until it has to be done again', async () => {
    const doneSince = (moment: number): boolean =>
      releases.isDoneSince('last_exception', moment);
    const before = performance.now();
    await sent(release({ state: 'queued' }));
    expect(doneSince(before)).toBe(false);
    live.tell(release());
    expect(doneSince(before)).toBe(true);
    releases.dismiss(releases.sent[0]);
    expect(doneSince(before)).toBe(true);
    await pass(1);
    // Another cell failed: there is another exception.
    const again = performance.now();
    expect(doneSince(again)).toBe(false);
    await sent(release({ id: 'r3', state: 'queued' }));
    live.tell(release({ id: 'r3', state: 'cancelled' }));
    expect(doneSince(again)).toBe(false);
    // From another page.
    const rows = [{ what: 'last_exception' }] as Release['released'];
    live.tell(release({ id: 'r2', released: rows }));
    expect(doneSince(again)).toBe(true);
    live.current = { id: 'k2', state: 'idle' };
    expect(doneSince(again)).toBe(false);
  });

  it('that has ended is told again to newcomers, and is no news', async () => {
    await sent(release({ state: 'queued' }));
    live.tell(release());
    expect(live.refreshes).toBe(1);
    releases.dismiss(releases.sent[0]);
    await pass(1);
    const now = performance.now();
    const rows = [{ what: 'last_exception' }] as Release['released'];
    live.tell(release({ released: rows }));
    expect(live.refreshes).toBe(1);
    expect(releases.isDoneSince('last_exception', now)).toBe(false);
    expect(releases.sent).toEqual([]);
    // The same of one that was answered at once.
    void releases.release('last_exception');
    const { resolve } = server.changes[server.changes.length - 1];
    resolve(release({ id: 'r2', released: rows }));
    await pass(0);
    expect(live.refreshes).toBe(2);
    releases.dismiss(releases.sent[0]);
    live.tell(release({ id: 'r2', released: rows }));
    expect(live.refreshes).toBe(2);
  });

  it('of a name is not confirmed by an error', async () => {
    expect(releases.isSaid('name:x')).toBe(false);
    void releases.preview('name:x');
    expect(releases.isSaid('name:x')).toBe(false);
    server.changes[0].reject(new ApiError(409, 'busy', 'A cell runs.', ''));
    await pass(0);
    expect(releases.previewOf('name:x')).toMatchObject({ code: 'busy' });
    expect(releases.isSaid('name:x')).toBe(false);
    void releases.preview('name:x');
    server.changes[1].resolve(release({ state: 'preview', id: null }));
    await pass(0);
    expect(releases.isSaid('name:x')).toBe(true);
  });

  it('is asked after when the stream was away', async () => {
    await sent(release({ state: 'queued' }));
    live.changed.emit();
    live.server = 'away';
    live.changed.emit();
    live.server = 'fine';
    live.changed.emit();
    expect(server.changes.map(({ what }) => what).slice(1)).toContain(
      'how is r1'
    );
    server.changes[server.changes.length - 1].resolve(release());
    await pass(0);
    expect(states()).toEqual(['done']);
  });

  it('says beforehand what it would do, until it is done', async () => {
    void releases.preview('last_exception');
    expect(releases.previewOf('last_exception')).toBeNull();
    server.changes[0].resolve(release({ state: 'preview', id: null }));
    await pass(0);
    expect(server.changes[0].what).toContain('"dry_run":true');
    expect(releases.previewOf('last_exception')).toMatchObject({
      state: 'preview'
    });
    void releases.release('last_exception');
    expect(releases.previewOf('last_exception')).toBeUndefined();
  });
});

describe('who still has what was released', () => {
  const row = (part: Partial<ReleasedRow>): ReleasedRow => ({
    what: 'last_exception',
    device: 'cuda:0',
    before: 8,
    after: 4,
    reserved_before: null,
    reserved_after: null,
    freed: 4,
    still_held_by: [],
    message: '',
    ...part
  });

  it('is told by device, each once', () => {
    const kept = keptBy({
      message: '8 B on cuda:0 are free again.',
      released: [
        row({ still_held_by: ['net', 'x'] }),
        row({ still_held_by: ['x', 'y'], what: 'output_history' }),
        row({ still_held_by: ['z'], device: 'cpu' }),
        row({ device: 'cuda:1' })
      ]
    });
    expect(Array.from(kept)).toEqual([
      ['cuda:0', ['net', 'x', 'y']],
      ['cpu', ['z']]
    ]);
  });

  it('is not told again after the sentence that has told it', () => {
    const message = 'Freed nothing on cuda:0, because it is still held by x.';
    const few = row({ message, still_held_by: ['x'] });
    expect(keptBy({ message, released: [few] }).size).toBe(0);
    const more = { ...few, still_held_by: ['a', 'b', 'c', 'd'] };
    expect(keptBy({ message, released: [more] }).size).toBe(1);
  });
});
