import * as React from 'react';

/**
 * Tells when the focus was in an element and what had it went away: a button
 * that put its own line away, say.  Without that the keyboard is nowhere.
 */
export function useLostFocus(
  element: React.RefObject<HTMLElement>,
  onLost: () => void
): void {
  const had = React.useRef(false);
  React.useEffect(() => {
    const node = element.current!;
    const onIn = (): void => {
      had.current = true;
    };
    const onOut = ({ target, relatedTarget }: FocusEvent): void => {
      if (relatedTarget !== null) {
        had.current = node.contains(relatedTarget as Node);
        return;
      }
      // Left for a place that takes no focus; unless it was taken away itself.
      window.setTimeout(() => {
        if (node.contains(target as Node)) {
          had.current = node.contains(document.activeElement);
        }
      });
    };
    node.addEventListener('focusin', onIn);
    node.addEventListener('focusout', onOut);
    return () => {
      node.removeEventListener('focusin', onIn);
      node.removeEventListener('focusout', onOut);
    };
  }, [element]);
  React.useEffect(() => {
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body;
    if (had.current && isNowhere) {
      onLost();
    }
    had.current = element.current!.contains(document.activeElement);
  });
}
