import { describe, expect, it } from 'vitest';
import type { Device, Host, KernelDevice } from '../../src/api/types';
import {
  acceleratorMemory,
  hostMemory,
  kernelDeviceMemory
} from '../../src/model/memory';
import type { IMemory } from '../../src/model/memory';

const GIB = 2 ** 30;

function device(part: Partial<Device> = {}): Device {
  return {
    uuid: 'GPU-a',
    index: 0,
    name: 'A GPU',
    vendor: 'nvidia',
    memory: { total: 24 * GIB, used: 10 * GIB, free: 14 * GIB },
    utilization: null,
    temperature: null,
    power: { draw: null, limit: null },
    clocks: { sm: null, memory: null },
    pcie: {
      generation: null,
      width: null,
      max_generation: null,
      max_width: null
    },
    mig: null,
    processes: [],
    note: null,
    ...part
  };
}

function own(part: Partial<KernelDevice> = {}): KernelDevice {
  return {
    id: 'cuda:0',
    name: 'A GPU',
    type: 'cuda',
    uuid: 'GPU-a',
    initialized: true,
    allocated: 2 * GIB,
    reserved: 3 * GIB,
    total: 24 * GIB,
    free: null,
    ...part
  };
}

function parts(memory: IMemory | null): Record<string, number> {
  return Object.fromEntries(
    memory!.segments.map(({ part, bytes }) => [part, bytes / GIB])
  );
}

describe('the memory of an accelerator', () => {
  it('is split by whose it is', () => {
    const memory = acceleratorMemory(
      device({
        processes: [
          { pid: 1, bytes: 4 * GIB, kernel_id: 'k', notebook: 'a', name: null },
          { pid: 2, bytes: 5 * GIB, kernel_id: 'l', notebook: 'b', name: null },
          { pid: 3, bytes: GIB, kernel_id: null, notebook: null, name: 'x' }
        ]
      }),
      own(),
      'k'
    );
    expect(parts(memory)).toEqual({
      tensors: 2,
      cache: 2,
      kernels: 5,
      others: 1,
      free: 14
    });
    expect(memory!.segments[2].names).toEqual(['b']);
  });

  it('says only whose it is where its torch cannot tell', () => {
    const memory = acceleratorMemory(
      device({
        processes: [
          { pid: 1, bytes: 4 * GIB, kernel_id: 'k', notebook: 'a', name: null }
        ]
      }),
      null,
      'k'
    );
    expect(parts(memory)).toMatchObject({ tensors: 0, mine: 4 });
    expect(parts(memory)).not.toHaveProperty('cache');
  });

  it('never adds up to more than there is', () => {
    const memory = acceleratorMemory(
      device(),
      own({ allocated: 30 * GIB, reserved: 31 * GIB }),
      'k'
    );
    const sum = memory!.segments.reduce((all, { bytes }) => all + bytes, 0);
    expect(sum).toBe(24 * GIB);
    expect(memory!.used).toBe(24 * GIB);
  });

  it('is not made up where the driver does not report it', () => {
    const memory = { total: 24 * GIB, used: null, free: null };
    expect(acceleratorMemory(device({ memory }), own(), 'k')).toBeNull();
    expect(kernelDeviceMemory(own({ total: null }))).toBeNull();
  });

  it('that only torch knows is told by torch', () => {
    expect(parts(kernelDeviceMemory(own({ free: 20 * GIB })))).toMatchObject({
      tensors: 2,
      cache: 1,
      others: 1,
      free: 20
    });
  });
});

describe('the memory of the host', () => {
  it('ends at the limit of the container', () => {
    const host = {
      memory: {
        total: 64 * GIB,
        used: 3 * GIB,
        available: 5 * GIB,
        limit: 8 * GIB,
        source: 'cgroup v2'
      }
    } as Host;
    const memory = hostMemory(host, GIB);
    expect(memory!.total).toBe(8 * GIB);
    expect(parts(memory)).toEqual({ tensors: 1, others: 2, free: 5 });
  });
});
