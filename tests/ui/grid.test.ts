import { describe, expect, it } from 'vitest';
import { fitting, LAYOUT } from '../../src/panel/tensors/columns';
import { moveOf } from '../../src/panel/tensors/keyboard';
import { COLUMNS } from '../../src/model/settings';

describe('columns', () => {
  it('are all shown where there is room', () => {
    expect(fitting(COLUMNS, 2000)).toEqual(COLUMNS);
  });

  it('give way in a narrow panel, but name, shape and bytes stay', () => {
    expect(fitting(COLUMNS, 10)).toEqual(['name', 'shape', 'bytes']);
    const width = 300;
    const shown = fitting(COLUMNS, width);
    expect(
      shown.reduce((sum, column) => sum + LAYOUT[column].width, 0)
    ).toBeLessThanOrEqual(width);
  });
});

describe('keys', () => {
  const move = (key: string, line: number, isOpen: boolean | null = null) =>
    moveOf(key, line, 100, 10, isOpen);

  it.each([
    ['ArrowDown', 5, 6],
    ['ArrowDown', 99, 99],
    ['ArrowDown', -1, 0],
    ['ArrowUp', 0, 0],
    ['Home', 50, 0],
    ['End', 50, 99],
    ['PageDown', 95, 99],
    ['PageUp', 15, 5]
  ])('%s at line %i goes to %i', (key, line, wanted) => {
    expect(move(key, line)).toEqual({ kind: 'to', line: wanted });
  });

  it('Right opens a folded group, then goes into it', () => {
    expect(move('ArrowRight', 3, false)).toEqual({ kind: 'fold', open: true });
    expect(move('ArrowRight', 3, true)).toEqual({ kind: 'to', line: 4 });
    expect(move('ArrowRight', 3)).toBeNull();
  });

  it('Left folds an open group, and goes out of one', () => {
    expect(move('ArrowLeft', 3, true)).toEqual({ kind: 'fold', open: false });
    expect(move('ArrowLeft', 3)).toEqual({ kind: 'out' });
  });

  it('leaves other keys to the page', () => {
    expect(move('a', 3)).toBeNull();
    expect(move('Tab', 3)).toBeNull();
  });
});
