import type { Device, Host, KernelDevice } from '../api/types';

/** Whose bytes a part of a memory bar shows. */
export type Part = 'tensors' | 'cache' | 'mine' | 'kernels' | 'others' | 'free';

export interface ISegment {
  readonly part: Part;
  readonly bytes: number;
  /** Notebooks by name, for other kernels. */
  readonly names: readonly string[];
}

/** A memory bar: segments that add up to `total`. */
export interface IMemory {
  readonly total: number;
  readonly used: number;
  readonly segments: readonly ISegment[];
}

/**
 * The memory of an accelerator, by whose it is; null when it cannot tell.
 *
 * @param own the device as the current kernel sees it, when it sees it.
 * @param kernelId the current kernel, to tell its process from the others.
 */
export function acceleratorMemory(
  device: Device,
  own: KernelDevice | null,
  kernelId: string | null
): IMemory | null {
  const { total, used } = device.memory;
  if (total === null || used === null) {
    return null;
  }
  let mine = own?.reserved ?? 0;
  let kernels = 0;
  const names = new Set<string>();
  for (const process of device.processes) {
    if (process.kernel_id === null) {
      continue;
    }
    if (process.kernel_id === kernelId) {
      // Its process holds the driver's context beside what torch reserved.
      mine = Math.max(mine, process.bytes ?? 0);
    } else {
      kernels += process.bytes ?? 0;
      names.add(process.notebook ?? process.name ?? '');
    }
  }
  const tensors = own?.allocated ?? 0;
  return bar(total, used, [
    { part: 'tensors', bytes: tensors, names: [] },
    {
      // The kernel's torch may not see the device, or not yet: then it cannot tell.
      part: own === null ? 'mine' : 'cache',
      bytes: Math.max(0, mine - tensors),
      names: []
    },
    {
      part: 'kernels',
      bytes: kernels,
      names: Array.from(names).filter(name => name !== '')
    }
  ]);
}

/** An accelerator that only the kernel's own torch knows (MPS, XPU, …). */
export function kernelDeviceMemory(device: KernelDevice): IMemory | null {
  const { total, free, allocated, reserved } = device;
  if (total === null) {
    return null;
  }
  const used = free === null ? (reserved ?? allocated ?? 0) : total - free;
  const tensors = allocated ?? 0;
  return bar(total, used, [
    { part: 'tensors', bytes: tensors, names: [] },
    {
      part: 'cache',
      bytes: Math.max(0, (reserved ?? tensors) - tensors),
      names: []
    }
  ]);
}

/**
 * The RAM of the host; a container's limit is the total.
 *
 * @param tensors bytes of the current kernel's tensors in RAM.
 */
export function hostMemory(host: Host, tensors: number): IMemory | null {
  const { total, used, limit } = host.memory;
  const most = limit ?? total;
  if (most === null || used === null) {
    return null;
  }
  return bar(most, used, [{ part: 'tensors', bytes: tensors, names: [] }]);
}

/**
 * Fits segments into what is used, and fills up with others and free.
 *
 * The parts come from different clocks (torch's, the driver's), so they may
 * exceed what the driver calls used for a moment; then `others` is nothing.
 */
function bar(total: number, used: number, known: readonly ISegment[]): IMemory {
  let left = total;
  const segments: ISegment[] = known.map(segment => {
    const bytes = Math.min(segment.bytes, left);
    left -= bytes;
    return { ...segment, bytes };
  });
  const mine = total - left;
  const others = Math.min(left, Math.max(0, used - mine));
  segments.push({ part: 'others', bytes: others, names: [] });
  segments.push({ part: 'free', bytes: left - others, names: [] });
  return { total, used: mine + others, segments };
}
