import type { MoveRequest } from '../api/types';
import { groupOf, idOf } from './selection';
import type { Key } from './selection';
import type { TensorsModel } from './tensors';

export type Target = MoveRequest['targets'][number];

/** The most targets of one request, as the API has it. */
export const MOST = 10_000;

/** What is chosen, as far as moving and deleting are concerned. */
export interface IChoice {
  /** Groups by name, rows by id and name; rows of a chosen group left out. */
  readonly targets: readonly Target[];
  readonly tensors: number;
  /** Each storage counted once. */
  readonly bytes: number;
  /** Devices on which the tensors are. */
  readonly devices: ReadonlySet<string>;
  readonly hasGroups: boolean;
}

/** The path of a target. */
export function pathOf(target: Target): string {
  return typeof target === 'string' ? target : target.path;
}

/** Works out what a choice of lines amounts to; one pass over all rows. */
export function choiceOf(model: TensorsModel, keys: readonly Key[]): IChoice {
  const { table } = model;
  const c = table.columns;
  const groups = new Set<string>();
  const ids = new Set<string>();
  for (const key of keys) {
    const group = groupOf(key);
    if (group !== null) {
      groups.add(group);
    } else {
      ids.add(idOf(key)!);
    }
  }
  const targets: Target[] = Array.from(groups);
  const rows: number[] = [];
  if (groups.size > 0) {
    c.group.forEach((group, row) => {
      if (group !== null && groups.has(group)) {
        rows.push(row);
      }
    });
  }
  for (const id of ids) {
    const row = table.row(id);
    const group = row === undefined ? null : c.group[row];
    if (row !== undefined && !(group !== null && groups.has(group))) {
      targets.push({ id, path: c.name[row] });
      rows.push(row);
    }
  }
  const devices = new Set<string>();
  const storages = new Set<string>();
  let bytes = 0;
  for (const row of rows) {
    if (c.device[row] !== null) {
      devices.add(c.device[row]);
    }
    const storage = c.storage.id[row];
    if (storage === null || !storages.has(storage)) {
      bytes += c.storage.bytes[row] ?? c.bytes[row] ?? 0;
    }
    if (storage !== null) {
      storages.add(storage);
    }
  }
  return {
    targets,
    tensors: rows.length,
    bytes,
    devices,
    hasGroups: groups.size > 0
  };
}

/** The same targets as the rows are by now: ids change when objects do. */
export function renewed(
  model: TensorsModel,
  targets: readonly Target[]
): Target[] {
  return targets.map(target => {
    if (typeof target === 'string') {
      return target;
    }
    const id = model.find(target.path);
    return id === null ? target.path : { id, path: target.path };
  });
}
