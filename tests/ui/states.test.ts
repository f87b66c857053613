import { describe, expect, it } from 'vitest';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ApiError } from '../../src/api/errors';
import type { Kernel } from '../../src/api/types';
import type { LiveModel } from '../../src/model/live';
import { notice } from '../../src/panel/states';

const trans = {
  __: (text: string, ...parts: string[]) =>
    text.replace(/%(\d)/g, (_, n: string) => parts[Number(n) - 1])
} as unknown as TranslationBundle;

const NOW = 1_000_000;

function said(part: Partial<LiveModel>): string | null {
  const live = {
    settings: { isLoaded: true, values: { enabled: true, interval: 2 } },
    server: 'fine',
    current: { id: 'k', title: 'a.ipynb', kernel: 'Python', state: 'idle' },
    withoutKernel: null,
    isStarting: false,
    isWatched: true,
    kernel: { agent: 'attached', reason: null } as Kernel,
    lookedAt: NOW - 1000,
    stale: null,
    error: null,
    ...part
  } as unknown as LiveModel;
  const found = notice(live, trans, NOW);
  return found === null ? null : [found.text, found.hint].join(' ').trim();
}

describe('what the panel says about itself', () => {
  it('is nothing while all is well', () => {
    expect(said({})).toBeNull();
  });

  it.each<[string, Partial<LiveModel>, RegExp]>([
    ['no notebook', { current: null }, /No notebook or console is open/],
    [
      'a notebook without a kernel',
      { current: null, withoutKernel: 'a.ipynb' },
      /a\.ipynb has no kernel.*choose a kernel/
    ],
    ['a kernel that starts', { current: null, isStarting: true }, /starting/],
    ['the first look', { lookedAt: 0 }, /Looking/],
    ['a server that is gone', { server: 'away' }, /does not answer.*by itself/],
    ['a server without us', { server: 'missing' }, /Install jupyter-dlkit/],
    ['a server that forbids it', { server: 'forbidden' }, /does not let you/],
    [
      'a kernel of another language',
      {
        kernel: {
          agent: 'unsupported',
          reason: 'This kernel runs R.'
        } as Kernel
      },
      /cannot look into this kernel.*runs R/
    ],
    [
      'a kernel that was switched off',
      {
        kernel: {
          agent: 'disabled',
          reason: 'The kernelspec says so.'
        } as Kernel
      },
      /switched off.*kernelspec/
    ],
    [
      'a kernel that is in C code',
      { stale: 'The kernel does not answer: it is busy in C code.' },
      /busy in C code/
    ],
    [
      'an error',
      { error: new ApiError(0, 'code', 'It went wrong.', 'Try again.') },
      /It went wrong\. Try again\./
    ],
    ['old data', { lookedAt: NOW - 30_000 }, /not answered for 30 s/]
  ])('names %s', (_, part, sentence) => {
    expect(said(part)).toMatch(sentence);
  });

  it('does not call data old that nobody asked for', () => {
    expect(said({ lookedAt: NOW - 30_000, isWatched: false })).toBeNull();
  });
});
