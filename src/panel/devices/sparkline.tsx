import * as React from 'react';

/** Pixels of the drawing, before the screen's own ratio. */
const WIDTH = 72;
const HEIGHT = 16;

interface IProps {
  /** Percent, oldest first; null where there was no sample. */
  values: readonly (number | null)[];
  /** The same in words. */
  label: string;
  /** Changes when the theme does. */
  theme: string | null;
}

/**
 * A small line of the last samples, newest at the right.
 *
 * Each pixel column is drawn from the smallest to the largest of its samples,
 * so that a short peak is not lost.
 */
export function Sparkline({ values, label, theme }: IProps): React.JSX.Element {
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const ratio = usePixelRatio();
  React.useEffect(() => {
    if (canvas.current !== null) {
      draw(canvas.current, values, ratio);
    }
  }, [values, values.length, ratio, theme]);
  return (
    <canvas
      ref={canvas}
      className="jp-dlkit-Sparkline"
      role="img"
      aria-label={label}
      title={label}
      width={WIDTH * ratio}
      height={HEIGHT * ratio}
      style={{ width: WIDTH, height: HEIGHT }}
    />
  );
}

/** The screen's pixel ratio; changes with zoom and from screen to screen. */
function usePixelRatio(): number {
  const [ratio, setRatio] = React.useState(window.devicePixelRatio);
  React.useEffect(() => {
    const query = window.matchMedia(`(resolution: ${ratio}dppx)`);
    const onChange = (): void => setRatio(window.devicePixelRatio);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, [ratio]);
  return ratio;
}

function draw(
  canvas: HTMLCanvasElement,
  values: readonly (number | null)[],
  ratio: number
): void {
  const context = canvas.getContext('2d');
  if (context === null) {
    return;
  }
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  // A canvas cannot read CSS variables; its own computed colour can.
  context.strokeStyle = getComputedStyle(canvas).color;
  context.lineWidth = ratio;
  context.lineJoin = 'round';
  const shown = values.slice(-WIDTH);
  const x = (i: number): number =>
    width - (shown.length - 1 - i) * ratio - ratio / 2;
  const y = (value: number): number =>
    height -
    ratio -
    (Math.min(100, Math.max(0, value)) / 100) * (height - 2 * ratio);
  context.beginPath();
  let isDown = false;
  shown.forEach((value, i) => {
    if (value === null) {
      isDown = false;
    } else if (isDown) {
      context.lineTo(x(i), y(value));
    } else {
      context.moveTo(x(i), y(value));
      isDown = true;
    }
  });
  context.stroke();
}
