// Accounts of memory as a kernel would send them.
import type {
  CellMemory,
  DeviceMemory,
  KernelMemory,
  MemoryOwner,
  Release
} from '../../src/api/types';

export function owner(part: Partial<MemoryOwner> = {}): MemoryOwner {
  return {
    owner: 'variable',
    name: 'x',
    bytes: 100,
    storages: 1,
    children: [],
    also: [],
    hint: null,
    ...part
  };
}

export function device(part: Partial<DeviceMemory> = {}): DeviceMemory {
  const owners = part.owners ?? [owner()];
  const attributed = owners.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    device: 'cuda:0',
    allocated: attributed,
    reserved: attributed,
    total: 1000,
    free: 500,
    attributed,
    unaccounted: 0,
    cache: 0,
    fragmentation: null,
    largest_free: null,
    process: null,
    owners,
    ...part
  };
}

export function cell(part: Partial<CellMemory> = {}): CellMemory {
  const number = part.number ?? 1;
  return {
    number,
    execution_count: number,
    cell_id: null,
    partial: false,
    started_at: new Date(number * 10_000).toISOString(),
    seconds: 1,
    devices: {
      'cuda:0': {
        before: 0,
        after: 100,
        change: 100,
        peak: 150,
        peak_is_exact: true,
        peak_meaning: 'exact',
        reserved_change: 0
      }
    },
    memory_before: 1000,
    memory_change: 0,
    memory_peak: null,
    memory_peak_is_exact: false,
    state: 'done',
    error: null,
    appeared: [],
    appeared_more: 0,
    ...part
  };
}

/** An answer with moments at these seconds, of as many bytes on the device. */
export function account(
  part: Partial<KernelMemory> = {},
  times: readonly number[] = []
): KernelMemory {
  return {
    devices: [device()],
    complete: true,
    left_out: [],
    cost_ms: 1,
    findings: [],
    cells: [],
    running: null,
    samples: {
      time: [...times],
      memory: times.map(() => 1000),
      devices: { 'cuda:0': { allocated: [...times], reserved: [...times] } }
    },
    number: 0,
    taken_at: '2026-01-01T00:00:00Z',
    kernel_state: 'idle',
    ...part
  };
}

export function release(part: Partial<Release> = {}): Release {
  return {
    id: 'r1',
    state: 'done',
    message: '5 MiB on cuda:0 are free again.',
    hint: null,
    released: [],
    removed: [],
    seconds: 0.1,
    kernel_state: 'idle',
    ...part
  };
}
