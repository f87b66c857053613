import { describe, expect, it } from 'vitest';
import type { RefusedTensor } from '../../src/api/types';
import { byReason } from '../../src/panel/moves/refused';

function refused(
  name: string,
  why: string,
  part: Partial<RefusedTensor> = {}
): RefusedTensor {
  return {
    name,
    code: 'saved',
    message: `${name} is needed by ${why}.`,
    hint: `Run ${why}.backward() first.`,
    forcible: true,
    alternatives: [],
    ...part
  };
}

const names = (groups: RefusedTensor[][]): string[][] =>
  groups.map(group => group.map(({ name }) => name));

const nothing = (): boolean => false;

describe('what cannot be moved', () => {
  it('is told once for all of which the same is said', () => {
    const all = [
      refused('net.weight', 'loss'),
      refused('net.bias', 'hidden'),
      refused('net[1].weight', 'loss')
    ];
    expect(names(byReason(all, nothing))).toEqual([
      ['net.weight', 'net[1].weight'],
      ['net.bias']
    ]);
  });

  it('stands alone when something can be done about it alone', () => {
    const copy = { how: 'copy', path: 'a', message: 'Copy it', code: null };
    const all = [
      refused('a', 'loss', { alternatives: [copy as never] }),
      refused('b', 'loss'),
      refused('c', 'loss'),
      refused('d', 'loss')
    ];
    const canBeLeftOut = (name: string): boolean => name === 'b';
    expect(names(byReason(all, canBeLeftOut))).toEqual([
      ['a'],
      ['b'],
      ['c', 'd']
    ]);
  });
});
