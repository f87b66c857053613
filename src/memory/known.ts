import type { CellMemory, KernelMemory, MemoryQuery } from '../api/types';

/** A moment of the plot: seconds since the epoch of the kernel's machine, bytes. */
export interface ISample {
  readonly time: number;
  readonly memory: number | null;
  readonly devices: Readonly<Record<string, number | null>>;
}

/** Cells and moments that are kept, as many as the kernel keeps. */
const MOST_CELLS = 500;
const MOST_SAMPLES = 2000;

/** What is known of one kernel's memory, answer by answer. */
export class Known {
  /** The last answer; null before the first. */
  account: KernelMemory | null = null;
  cells: readonly CellMemory[] = [];
  samples: readonly ISample[] = [];

  /** How often it came into doubt; an answer from before that is of no use. */
  get doubts(): number {
    return this._doubts;
  }

  /** Whether all has to be asked for: nothing is known, or not of whom it is. */
  get isAnew(): boolean {
    return this.account === null || this._isDoubted;
  }

  /** What has to be asked, as the rest is known. */
  get query(): MemoryQuery {
    const last = this.samples[this.samples.length - 1];
    return this.account === null || this._isDoubted
      ? {}
      : {
          since: this.account.number,
          ...(last === undefined ? {} : { after: Math.floor(last.time) })
        };
  }

  /**
   * Takes an answer; false when it is a difference from what another agent had
   * said: then everything has to be asked for again.  One without owners is about
   * cells only: who had the memory stays as it was.
   */
  take(answer: KernelMemory, query: MemoryQuery): boolean {
    if (query.since !== undefined && answer.number < query.since) {
      this.clear();
      return false;
    }
    this._isDoubted = false;
    const from = query.since ?? 0;
    this.cells = [
      ...this.cells.filter(({ number }) => (number ?? 0) <= from),
      ...answer.cells
    ].slice(-MOST_CELLS);
    const known = query.after === undefined ? [] : this.samples;
    const last = known[known.length - 1]?.time ?? 0;
    this.samples = [
      ...known,
      ...rows(answer).filter(({ time }) => time > last)
    ].slice(-MOST_SAMPLES);
    const { running, number } = answer;
    this.account =
      query.owners === 'false' && this.account !== null
        ? { ...this.account, running, number }
        : answer;
    return true;
  }

  /**
   * The kernel was out of sight, and may be another process now: nothing may be
   * asked for as a difference from what is known.
   */
  doubt(): void {
    this._doubts++;
    this._isDoubted = true;
  }

  clear(): void {
    this._doubts++;
    this.account = null;
    this.cells = [];
    this.samples = [];
  }

  private _doubts = 0;
  private _isDoubted = false;
}

function rows({ samples }: KernelMemory): ISample[] {
  const devices = Object.entries(samples.devices);
  return samples.time.map((time, i) => ({
    time,
    memory: samples.memory[i],
    devices: Object.fromEntries(
      devices.map(([device, { allocated }]) => [device, allocated[i] ?? null])
    )
  }));
}
