import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type { StreamMessage } from '../../src/api/types';
import type { IIdleClient } from '../../src/doctor/idle/client';
import { endIdle } from '../../src/doctor/idle/ending';
import { IdleWatch } from '../../src/doctor/idle/watch';
import { wishesOf } from '../../src/doctor/idle/wishes';
import { heldText, noticeText } from '../../src/doctor/idle/words';
import type {
  Idle,
  IdleKernel,
  IdleNotice,
  IdleRequest
} from '../../src/doctor/types';

const trans = {
  __: (text: string, ...parts: unknown[]) =>
    text.replace(/%(\d)/g, (_, n: string) => String(parts[Number(n) - 1])),
  _n: (one: string, many: string, n: number, ...parts: unknown[]) =>
    (n === 1 ? one : many).replace(/%(\d)/g, (_, at: string) =>
      String([n, ...parts][Number(at) - 1])
    )
} as unknown as TranslationBundle;

const idle = (part: Partial<Idle> = {}): Idle => ({
  limit_minutes: null,
  hourly_price: null,
  currency: '',
  set_by: null,
  watching: false,
  not_today: false,
  taken_at: null,
  notice: null,
  ...part
});

const kernel = (
  notebook: string,
  part: Partial<IdleKernel> = {}
): IdleKernel => ({
  id: notebook,
  name: 'python3',
  notebook,
  execution_state: 'idle',
  bytes: 3 * 2 ** 30,
  devices: ['GPU-a'],
  may_shut_down: true,
  reason: null,
  ...part
});

const notice = (part: Partial<IdleNotice> = {}): IdleNotice => ({
  id: 'n1',
  raised_at: '2026-01-01T00:00:00Z',
  idle_minutes: 31.4,
  cost: null,
  message: 'NVIDIA H100 has been idle for 31 minutes.',
  hint: '',
  devices: [{ uuid: 'GPU-a', name: 'NVIDIA H100', index: 0, idle_minutes: 31 }],
  kernels: [kernel('a.ipynb')],
  ...part
});

const LIMIT: IdleRequest = {
  limit_minutes: 30,
  hourly_price: null,
  currency: ''
};

class Server implements IIdleClient {
  async idle(): Promise<Idle> {
    this.asked.push('idle');
    return this.state;
  }

  async wish(request: IdleRequest): Promise<Idle> {
    this.asked.push(request);
    if (!this.mayWish) {
      throw new ApiError(403, 'forbidden', 'No.', '');
    }
    this.state = idle({ limit_minutes: request.limit_minutes });
    return this.state;
  }

  async notToday(until: Date): Promise<Idle> {
    this.asked.push(until);
    return idle({ limit_minutes: 30, not_today: true });
  }

  async kernels(): Promise<IdleKernel[]> {
    return [];
  }

  asked: unknown[] = [];
  mayWish = true;
  state = idle();
}

let server: Server;
let heard: Signal<object, StreamMessage>;
let subscriptions: number;
let watch: IdleWatch;

beforeEach(() => {
  server = new Server();
  heard = new Signal({});
  subscriptions = 0;
  watch = new IdleWatch(server, {
    heard,
    subscribe: () => {
      subscriptions++;
      return {
        isDisposed: false,
        dispose: () => {
          subscriptions--;
        }
      };
    }
  } as never);
});

describe('the settings', () => {
  const DEFAULTS = { idleLimit: 0, hourlyPrice: 0, currency: '' };

  it('say nothing while nobody has touched them', () => {
    expect(wishesOf({ user: {}, composite: DEFAULTS })).toBeNull();
  });

  it.each([
    [{ idleLimit: 30 }, { ...LIMIT }],
    [{ idleLimit: 0 }, { ...LIMIT, limit_minutes: null }],
    [
      { hourlyPrice: 3.06, currency: '$' },
      { limit_minutes: null, hourly_price: 3.06, currency: '$' }
    ]
  ])('%o', (user, wishes) => {
    const composite = { ...DEFAULTS, ...user };
    expect(wishesOf({ user, composite })).toEqual(wishes);
  });

  it('may come from who installed JupyterLab', () => {
    const composite = { ...DEFAULTS, idleLimit: 30 };
    expect(wishesOf({ user: {}, composite })).toEqual(LIMIT);
  });
});

describe('the watch', () => {
  it('asks once and holds nothing, while there is no limit', async () => {
    await watch.wish(null);
    expect(server.asked).toEqual(['idle']);
    expect(subscriptions).toBe(0);
  });

  it('listens when the administrator has set one', async () => {
    server.state = idle({ limit_minutes: 60 });
    await watch.wish(null);
    expect(server.asked).toEqual(['idle']);
    expect(subscriptions).toBe(1);
  });

  it('listens while the user wants it', async () => {
    await watch.wish(LIMIT);
    await watch.wish({ ...LIMIT, limit_minutes: 60 });
    expect(subscriptions).toBe(1);
    await watch.wish(null);
    expect(server.asked.slice(-1)).toEqual([{ ...LIMIT, limit_minutes: null }]);
    expect(subscriptions).toBe(0);
  });

  it('tells of a notice, and that it is no more', async () => {
    await watch.wish(LIMIT);
    heard.emit({
      type: 'idle',
      data: idle({ limit_minutes: 30, notice: notice() })
    });
    expect(watch.notice?.id).toBe('n1');
    await watch.notToday(new Date(2026, 11, 31, 17));
    expect(server.asked.slice(-1)).toEqual([new Date(2027, 0, 1)]);
    expect(watch.notice).toBeNull();
  });

  it('offers nothing to who may only read', async () => {
    server.mayWish = false;
    server.state = idle({ limit_minutes: 60, notice: notice() });
    await watch.wish(LIMIT);
    expect(watch.mayAct).toBe(false);
    expect(watch.notice?.id).toBe('n1');
    expect(subscriptions).toBe(1);
  });
});

describe('what is said', () => {
  it('is the server’s sentence, where it fits', () => {
    expect(noticeText(notice(), trans)).toBe(notice().message);
  });

  it('names as many kernels as fit otherwise', () => {
    const names = ['a', 'b', 'c', 'd'].map(name => name.repeat(40));
    const text = noticeText(
      notice({
        message: 'x'.repeat(141),
        kernels: names.map(name => kernel(name))
      }),
      trans
    );
    expect(text).toBe(
      `1 GPU idle for 31 min, held by ${names.slice(0, 2).join(', ')} and 2 more`
    );
    const busy = kernel('busy.ipynb', { execution_state: 'busy' });
    const some = notice({
      message: 'x'.repeat(141),
      kernels: [busy, kernel('a.ipynb')]
    });
    expect(noticeText(some, trans)).toBe(
      '1 GPU idle for 31 min, held by busy.ipynb (runs a cell), a.ipynb'
    );
    const one = notice({
      message: 'x'.repeat(141),
      kernels: [kernel('n'.repeat(141))]
    });
    expect(noticeText(one, trans)).toMatch(/held by 1 kernels?$/);
  });

  it('says what a kernel holds, where that is known', () => {
    expect(heldText(kernel('a.ipynb'), trans)).toBe('a.ipynb (3 GiB)');
    expect(heldText(kernel('a.ipynb', { bytes: null }), trans)).toBe('a.ipynb');
    expect(heldText(kernel('', { notebook: null, bytes: null }), trans)).toBe(
      'python3'
    );
  });
});

describe('shutting down', () => {
  const NAMES = ['a.ipynb', 'b.ipynb', 'c.ipynb'];
  const REASON = 'b.ipynb runs a cell.';

  /** Ends those that are wanted, on a server where `b` begins to work when `a` ends. */
  async function end(
    refused: readonly string[] = []
  ): Promise<{ said: string[]; done: string[]; failures: readonly string[] }> {
    const said: string[] = [];
    const { done, failures } = await endIdle(
      NAMES.map(name => kernel(name)),
      {
        kernels: async ids => {
          said.push(`asked ${ids.join()}`);
          return ids.map(id =>
            id === 'b.ipynb' && said.includes('ended a.ipynb')
              ? kernel(id, { may_shut_down: false, reason: REASON })
              : kernel(id)
          );
        }
      },
      {
        shutdown: async id => {
          if (refused.includes(id)) {
            throw new Error('No.');
          }
          said.push(`ended ${id}`);
        }
      },
      trans
    );
    return { said, done: done.map(({ id }) => id), failures };
  }

  it('asks of each kernel right before its end', async () => {
    const { said, done, failures } = await end();
    expect(said).toEqual([
      'asked a.ipynb',
      'ended a.ipynb',
      'asked b.ipynb',
      'asked c.ipynb',
      'ended c.ipynb'
    ]);
    expect(done).toEqual(['a.ipynb', 'c.ipynb']);
    expect(failures).toEqual([REASON]);
  });

  it('goes on after one that cannot be shut down', async () => {
    const { done, failures } = await end(['a.ipynb']);
    expect(done).toEqual(['b.ipynb', 'c.ipynb']);
    expect(failures).toEqual(['a.ipynb could not be shut down: No.']);
  });
});
