import type { Status } from '../api/types';

/** Samples of one line of a chart, oldest first; null where there was none. */
export interface ISeries {
  /** Milliseconds since the epoch, by this browser's clock. */
  readonly times: readonly number[];
  /** Percent: an accelerator's utilisation, or the host's CPU. */
  readonly load: readonly (number | null)[];
  /** Bytes in use. */
  readonly memory: readonly (number | null)[];
}

/** Key of the host among the devices' uuids. */
export const HOST = 'host';

/** Samples kept of each device: an hour at one every two seconds. */
const KEPT = 1800;

interface IGrowing extends ISeries {
  times: number[];
  load: (number | null)[];
  memory: (number | null)[];
}

/** The last samples of the host and of each device. */
export class History {
  series(key: string): ISeries {
    return this._series.get(key) ?? { times: [], load: [], memory: [] };
  }

  /**
   * Takes a sample; the first brings what the server remembered before it.
   *
   * @param now milliseconds since the epoch.
   */
  add(status: Status, now: number): void {
    const { seconds, host, devices } = status.history;
    if (this._series.size === 0) {
      const times = seconds.map(age => now - age * 1000);
      this._fill(HOST, times, host.cpu_percent, host.memory_used);
      for (const [uuid, past] of Object.entries(devices)) {
        this._fill(uuid, times, past.utilization, past.memory_used);
      }
    }
    this._push(HOST, now, status.host.cpu_percent, status.host.memory.used);
    for (const { uuid, utilization, memory } of status.devices) {
      this._push(uuid, now, utilization, memory.used);
    }
  }

  /** Forgets everything: the server was away. */
  clear(): void {
    this._series.clear();
  }

  private _fill(
    key: string,
    times: number[],
    load: (number | null)[],
    memory: (number | null)[]
  ): void {
    this._series.set(key, {
      times: times.slice(),
      load: load.slice(),
      memory: memory.slice()
    });
  }

  private _push(
    key: string,
    now: number,
    load: number | null,
    memory: number | null
  ): void {
    let series = this._series.get(key);
    if (series === undefined) {
      series = { times: [], load: [], memory: [] };
      this._series.set(key, series);
    }
    const last = series.times[series.times.length - 1];
    if (last !== undefined && now - last < 250) {
      return;
    }
    series.times.push(now);
    series.load.push(load);
    series.memory.push(memory);
    if (series.times.length > KEPT) {
      series.times.shift();
      series.load.shift();
      series.memory.shift();
    }
  }

  private _series = new Map<string, IGrowing>();
}
