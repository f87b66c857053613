import * as React from 'react';

/** Pixels of a row; the style sheet has the same number. */
export const ROW = 24;

/** Rows drawn above and below what is seen, so that scrolling finds them. */
const MARGIN = 12;

/** What a scrolled element shows. */
export interface IWindow {
  /** First and one past the last line to draw. */
  readonly first: number;
  readonly end: number;
  /** Size of the scrolled element, in pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * The lines of a long list that are on the screen.
 *
 * @param element the scrolled one; its content is `count` lines of one height.
 */
export function useWindow(
  element: React.RefObject<HTMLElement>,
  count: number
): IWindow {
  const [seen, setSeen] = React.useState({ top: 0, width: 300, height: 400 });
  React.useLayoutEffect(() => {
    const scrolled = element.current!;
    const look = (): void => {
      const top = Math.floor(scrolled.scrollTop / ROW);
      const { clientWidth: width, clientHeight: height } = scrolled;
      setSeen(old =>
        // Half a margin may be scrolled before anything has to be drawn.
        Math.abs(old.top - top) < MARGIN / 2 &&
        old.width === width &&
        old.height === height
          ? old
          : { top, width, height }
      );
    };
    const resized = new ResizeObserver(look);
    resized.observe(scrolled);
    scrolled.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      resized.disconnect();
      scrolled.removeEventListener('scroll', look);
    };
  }, [element]);
  const top = Math.min(seen.top, Math.max(0, count - 1));
  return {
    first: Math.max(0, top - MARGIN),
    end: Math.min(count, top + Math.ceil(seen.height / ROW) + MARGIN),
    width: seen.width,
    height: seen.height
  };
}
