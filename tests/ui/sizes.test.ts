import { describe, expect, it } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatNumber,
  formatShape,
  formatUsed
} from '../../src/panel/sizes';

describe('sizes', () => {
  it.each([
    [null, '–'],
    [0, '0 B'],
    [1000, '1000 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [1024 ** 2 - 1, '1 MiB'],
    [12_345_678, '11.8 MiB'],
    [24 * 2 ** 30, '24 GiB'],
    [5 * 2 ** 40, '5 TiB']
  ])('%j bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('name a unit once where it is the same', () => {
    expect(formatUsed(1.5 * 2 ** 30, 24 * 2 ** 30)).toEqual(['1.5', '24 GiB']);
    expect(formatUsed(2 ** 20, 24 * 2 ** 30)).toEqual(['1 MiB', '24 GiB']);
  });

  it.each([
    [[], '()'],
    [[3], '(3,)'],
    [[2, 3], '(2, 3)'],
    [[2, null, 4], '(2, ?, 4)'],
    [null, '–']
  ])('shape %j is %s', (shape, text) => {
    expect(formatShape(shape)).toBe(text);
  });

  it.each([
    [1, '1'],
    [0.1 + 0.2, '0.3'],
    [-1e-9, '-1e-9'],
    [1234567.891, '1234570'],
    [null, '–']
  ])('number %j is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [89_000, '89 s'],
    [120_000, '2 min'],
    [3 * 3600_000, '3 h']
  ])('%i milliseconds are %s', (age, text) => {
    expect(formatAge(age)).toBe(text);
  });
});
