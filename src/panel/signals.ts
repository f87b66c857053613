import type { IThemeManager } from '@jupyterlab/apputils';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';

/** Renders the component again after each emission, at most once a frame. */
export function useSignals(
  ...signals: readonly ISignal<unknown, unknown>[]
): void {
  const [, render] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    let frame = 0;
    const later = (): void => {
      if (frame === 0) {
        frame = window.requestAnimationFrame(() => {
          frame = 0;
          render();
        });
      }
    };
    signals.forEach(signal => signal.connect(later));
    // What changed between the first rendering and now.
    later();
    return () => {
      window.cancelAnimationFrame(frame);
      signals.forEach(signal => signal.disconnect(later));
    };
    // The signals of a model live as long as the component.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

/**
 * Does something to a model, and renders at once and not in the next frame: until
 * then a field would show its old value again, with the cursor at its end, and
 * the next key would be understood by what was before.
 */
export function useAtOnce(): (action: () => void) => void {
  const [, render] = React.useReducer((count: number) => count + 1, 0);
  return action => {
    action();
    render();
  };
}

/** The time, again every second while the page is visible. */
export function useNow(): number {
  const [now, setNow] = React.useState(Date.now);
  React.useEffect(() => {
    const timer = window.setInterval(() => {
      if (!document.hidden) {
        setNow(Date.now());
      }
    }, 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}

/** Name of the theme, once its style sheet is in the page. */
export function useTheme(themes: IThemeManager | null): string | null {
  const [theme, setTheme] = React.useState(themes?.theme ?? null);
  React.useEffect(() => {
    const onChange = (): void => setTheme(themes?.theme ?? null);
    themes?.themeChanged.connect(onChange);
    return () => {
      themes?.themeChanged.disconnect(onChange);
    };
  }, [themes]);
  return theme;
}
