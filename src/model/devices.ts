import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type {
  Device,
  KernelDevice,
  KernelDevices,
  Space,
  Status
} from '../api/types';
import { History } from './history';
import { acceleratorMemory, kernelDeviceMemory } from './memory';
import type { IMemory } from './memory';

/** A row of the Devices section, but for the host's. */
export interface IAccelerator {
  /** Key of its history. */
  readonly key: string;
  readonly name: string;
  /** As the kernel's torch prints it (`cuda:0`), where the kernel sees it. */
  readonly ordinal: string | null;
  readonly memory: IMemory | null;
  /** As the driver sees it; null where only torch knows it. */
  readonly device: Device | null;
  readonly own: KernelDevice | null;
}

/** A disk or `/dev/shm` is low below a tenth, or below this many bytes. */
const LOW = 2 ** 30;

/** The devices of the machine, and as the current kernel sees them. */
export class DevicesModel {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  readonly history = new History();

  /** Null before the first sample. */
  get status(): Status | null {
    return this._status;
  }

  /** As the kernel's torch sees them; null before it answered. */
  get kernel(): KernelDevices | null {
    return this._kernel;
  }

  /** Bytes that can still be had on a device; null where that is not known. */
  freeOn(id: string): number | null {
    const own = this._kernel?.devices.find(device => device.id === id)?.free;
    const host = id === 'cpu' ? this._status?.host.memory.available : null;
    return own ?? host ?? null;
  }

  /** @param now milliseconds since the epoch. */
  applyStatus(status: Status, now: number): void {
    this._status = status;
    this.history.add(status, now);
    this._changed.emit();
  }

  applyKernel(devices: KernelDevices | null): void {
    this._kernel = devices;
    this._changed.emit();
  }

  /** The server was away: what it said before is of no use. */
  clear(): void {
    this._status = null;
    this._kernel = null;
    this.history.clear();
    this._changed.emit();
  }

  /** @param kernelId the current kernel, or null. */
  accelerators(kernelId: string | null): IAccelerator[] {
    const own = (this._kernel?.devices ?? []).filter(
      device => device.type !== 'cpu' && device.type !== 'meta'
    );
    const rows: IAccelerator[] = (this._status?.devices ?? []).map(device => {
      const seen = own.find(({ uuid }) => uuid === device.uuid) ?? null;
      return {
        key: device.uuid,
        name: device.name ?? device.uuid,
        ordinal: seen?.id ?? null,
        memory: acceleratorMemory(device, seen, kernelId),
        device,
        own: seen
      };
    });
    const known = new Set(rows.map(row => row.key));
    for (const device of own) {
      if (device.uuid === null || !known.has(device.uuid)) {
        rows.push({
          key: device.uuid ?? device.id,
          name: device.name ?? device.id,
          ordinal: device.id,
          memory: kernelDeviceMemory(device),
          device: null,
          own: device
        });
      }
    }
    return rows;
  }

  /** Disks and shared memory that are nearly full. */
  get lowSpaces(): Space[] {
    const host = this._status?.host;
    if (host === undefined) {
      return [];
    }
    return [...(host.shm === null ? [] : [host.shm]), ...host.disks].filter(
      ({ total, free }) =>
        total !== null &&
        total > 0 &&
        free !== null &&
        (free < total / 10 || (free < LOW && total >= LOW))
    );
  }

  private _changed = new Signal<this, void>(this);
  private _kernel: KernelDevices | null = null;
  private _status: Status | null = null;
}
