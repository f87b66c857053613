import type { CellMemory } from '../api/types';
import type { ISample } from './known';

/** Pixels of the shortest cell, and of the time between two. */
const CELL = 10;
const GAP = 4;

/** A cell on the axis of time, in pixels. */
export interface ISpan {
  readonly cell: CellMemory;
  readonly isRunning: boolean;
  readonly left: number;
  readonly right: number;
}

/** A line of the plot; the pixels of its points. */
export interface ILane {
  /** A device, or `process` for the process's resident memory. */
  readonly device: string;
  /** Bytes at the top. */
  readonly most: number;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** The peaks of cells of which they are known exactly. */
  readonly peaks: readonly { left: number; right: number; y: number }[];
}

export interface ITimeline {
  readonly width: number;
  readonly spans: readonly ISpan[];
  readonly lanes: readonly ILane[];
}

/** Key of the process's resident memory among the lanes. */
export const PROCESS = 'process';

interface ITimed {
  cell: CellMemory;
  isRunning: boolean;
  /** Seconds since the epoch. */
  start: number;
  end: number;
}

/**
 * Lays cells out along a line: each as long as it took but never too short to be
 * seen, and the time between them, however long, as a narrow gap.
 *
 * @param width pixels that there are; more are taken when the cells need them.
 * @param height pixels of a lane.
 */
export function timeline(
  cells: readonly CellMemory[],
  running: CellMemory | null,
  samples: readonly ISample[],
  width: number,
  height: number
): ITimeline {
  const timed = inTime(cells, running, samples);
  const seconds = timed.reduce((sum, one) => sum + one.end - one.start, 0);
  const least = timed.length * (CELL + GAP) + GAP;
  const scale = seconds > 0 ? Math.max(0, width - least) / seconds : 0;
  let x = GAP;
  const spans = timed.map(({ cell, isRunning, start, end }): ISpan => {
    const left = x;
    const right = left + CELL + (end - start) * scale;
    x = right + GAP;
    return { cell, isRunning, left, right };
  });
  const whole = Math.max(width, x);
  const place = (time: number): number | null =>
    placeOf(time, timed, spans, whole);
  return {
    width: whole,
    spans,
    lanes: devicesOf(timed, samples).map(device =>
      lane(device, spans, samples, place, height)
    )
  };
}

function inTime(
  cells: readonly CellMemory[],
  running: CellMemory | null,
  samples: readonly ISample[]
): ITimed[] {
  const all = running === null ? cells : [...cells, running];
  const now = samples[samples.length - 1]?.time ?? 0;
  const timed: ITimed[] = [];
  for (const cell of all) {
    const isRunning = cell === running;
    // Cells of several threads may overlap: the later one begins where it can.
    const began = Date.parse(cell.started_at) / 1000;
    const start = Math.max(began, timed[timed.length - 1]?.end ?? 0);
    const end = Math.max(start, began + cell.seconds, isRunning ? now : 0);
    timed.push({ cell, isRunning, start, end });
  }
  return timed;
}

/** Where a moment is; null before the first cell. */
function placeOf(
  time: number,
  timed: readonly ITimed[],
  spans: readonly ISpan[],
  width: number
): number | null {
  let [low, high] = [0, timed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timed[middle].start <= time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const i = low - 1;
  if (i < 0) {
    return null;
  }
  const { start, end } = timed[i];
  const { left, right } = spans[i];
  if (time <= end) {
    const part = end > start ? (time - start) / (end - start) : 1;
    return left + part * (right - left);
  }
  // Between two cells nothing is told apart; after the last one neither.
  const next = spans[i + 1]?.left ?? Math.min(width, right + GAP);
  return (right + next) / 2;
}

/** Accelerators that had anything, and the process. */
function devicesOf(
  timed: readonly ITimed[],
  samples: readonly ISample[]
): string[] {
  const found = new Set<string>();
  for (const { devices } of samples) {
    for (const [device, bytes] of Object.entries(devices)) {
      if (bytes !== null && bytes > 0) {
        found.add(device);
      }
    }
  }
  for (const { cell } of timed) {
    for (const [device, { after, peak }] of Object.entries(cell.devices)) {
      if ((after ?? 0) > 0 || (peak ?? 0) > 0) {
        found.add(device);
      }
    }
  }
  const has = samples.some(({ memory }) => memory !== null);
  return [...Array.from(found).sort(), ...(has ? [PROCESS] : [])];
}

function lane(
  device: string,
  spans: readonly ISpan[],
  samples: readonly ISample[],
  place: (time: number) => number | null,
  height: number
): ILane {
  const known: [number, number][] = [];
  const add = (x: number | null, bytes: number | null | undefined): void => {
    if (x !== null && bytes !== null && bytes !== undefined) {
      known.push([x, bytes]);
    }
  };
  for (const { time, memory, devices } of samples) {
    add(place(time), device === PROCESS ? memory : devices[device]);
  }
  const peaks: [ISpan, number][] = [];
  spans.forEach(span => {
    const { cell, left, right } = span;
    const before = device === PROCESS ? cell.memory_before : null;
    const of = cell.devices[device];
    add(left, before ?? of?.before);
    if (before !== null && cell.memory_change !== null) {
      add(right, before + cell.memory_change);
    } else {
      add(right, of?.after);
    }
    // A bound may be far above all that was there: it is told, and not drawn.
    const [peak, isExact] =
      device === PROCESS
        ? [cell.memory_peak, cell.memory_peak_is_exact]
        : [of?.peak ?? null, of?.peak_is_exact];
    if (peak !== null && isExact) {
      peaks.push([span, peak]);
    }
  });
  known.sort((one, other) => one[0] - other[0]);
  const most = Math.max(
    1,
    ...known.map(([, bytes]) => bytes),
    ...peaks.map(([, bytes]) => bytes)
  );
  const y = (bytes: number): number => height - (bytes / most) * (height - 2);
  return {
    device,
    most,
    points: known.map(([x, bytes]) => [x, y(bytes)] as const),
    peaks: peaks.map(([{ left, right }, bytes]) => ({
      left,
      right,
      y: y(bytes)
    }))
  };
}
