/** What a key does in the tree-table. */
export type Move =
  | { readonly kind: 'to'; readonly line: number }
  | { readonly kind: 'fold'; readonly open: boolean }
  | { readonly kind: 'out' }
  | { readonly kind: 'enter' };

/**
 * The move of a key, or null for a key that is not ours.
 *
 * Follows the ARIA practices for tree grids: arrows move, Right opens a group
 * or goes into it, Left folds it or goes out to it.
 *
 * @param line the active line, -1 for none.
 * @param page lines that fit on the screen.
 * @param isOpen of the active line's group; null for a row.
 */
export function moveOf(
  key: string,
  line: number,
  count: number,
  page: number,
  isOpen: boolean | null
): Move | null {
  const to = (wanted: number): Move => ({
    kind: 'to',
    line: Math.max(0, Math.min(count - 1, wanted))
  });
  switch (key) {
    case 'ArrowDown':
      return to(line + 1);
    case 'ArrowUp':
      return to(line - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(count - 1);
    case 'PageDown':
      return to(line + page);
    case 'PageUp':
      return to(line - page);
    case 'ArrowRight':
      return isOpen === null
        ? null
        : isOpen
          ? to(line + 1)
          : { kind: 'fold', open: true };
    case 'ArrowLeft':
      return isOpen ? { kind: 'fold', open: false } : { kind: 'out' };
    case 'Enter':
    case ' ':
      return { kind: 'enter' };
    default:
      return null;
  }
}
