import type { DeviceMemory, MemoryOther, MemoryOwner } from '../api/types';
import { kindOf } from './kinds';
import type { Kind } from './kinds';

/** A part of a device's memory, as the tree and the map show it. */
export interface IPart {
  /** Who it is, from one look to the next. */
  readonly key: string;
  /** As the user wrote it; empty for what is no owner's. */
  readonly name: string;
  readonly kind: Kind;
  readonly bytes: number;
  /** Null for what is no owner's: the cache, what is unaccounted, others. */
  readonly owner: MemoryOwner | null;
  /** Who else is on the device; else null. */
  readonly other: MemoryOther | null;
  /** 1 for an owner, 2 for what is in it. */
  readonly level: number;
  /** What it is in; null for an owner. */
  readonly parent: IPart | null;
}

/** The owners of a device, and what is no owner's, the largest first. */
export function partsOf(device: DeviceMemory): IPart[] {
  const parts = inside(null, device.owners);
  const none = { name: '', owner: null, other: null, level: 1, parent: null };
  const { unaccounted, cache, others = [] } = device;
  parts.push(
    {
      ...none,
      key: 'unaccounted',
      kind: 'unaccounted',
      bytes: unaccounted ?? 0
    },
    { ...none, key: 'cache', kind: 'cache', bytes: cache ?? 0 },
    ...others.map(
      (other): IPart => ({
        ...none,
        key: `others ${other.kind} ${other.pid} ${other.name}`,
        kind: 'others',
        name: other.name,
        bytes: other.bytes ?? 0,
        other
      })
    )
  );
  return parts
    .filter(({ owner, bytes }) => owner !== null || bytes > 0)
    .sort((one, other) => other.bytes - one.bytes);
}

/** What is in a part. */
export function childrenOf(part: IPart): IPart[] {
  return part.owner === null ? [] : inside(part, part.owner.children);
}

export function hasChildren({ owner }: IPart): boolean {
  return owner !== null && owner.children.length > 0;
}

/** The lines of the tree, with what is open unfolded. */
export function linesOf(
  parts: readonly IPart[],
  isOpen: (key: string) => boolean
): IPart[] {
  const lines: IPart[] = [];
  const add = (some: readonly IPart[]): void => {
    for (const part of some) {
      lines.push(part);
      if (hasChildren(part) && isOpen(part.key)) {
        add(childrenOf(part));
      }
    }
  };
  add(parts);
  return lines;
}

/** The part with this key; null when it is gone. */
export function findPart(parts: readonly IPart[], key: string): IPart | null {
  for (const part of parts) {
    if (part.key === key) {
      return part;
    }
    if (key.startsWith(`${part.key}\n`)) {
      const found = findPart(childrenOf(part), key);
      if (found !== null) {
        return found;
      }
    }
  }
  return null;
}

/** Of a device's bytes, by kind; in the order of the bar. */
export function byKind(device: DeviceMemory): Map<Kind, number> {
  const sums = new Map<Kind, number>();
  for (const { kind, bytes } of partsOf(device)) {
    sums.set(kind, (sums.get(kind) ?? 0) + bytes);
  }
  return sums;
}

/** What a share is a share of: all that is used there, as far as it is told. */
export function wholeOf(parts: readonly IPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A name without that of what it is in: `.weight` of `net[0].weight`. */
export function shortName({ name, parent }: IPart): string {
  const prefix = parent?.name ?? '';
  return prefix !== '' && name.startsWith(prefix) && name !== prefix
    ? name.slice(prefix.length)
    : name;
}

/** Whether it is not one owner but all the small ones: `5900 more`. */
export function isRest({ name }: IPart): boolean {
  return /^\d+ more$/.test(name);
}

/** How many owners there are, those that are not told one by one included. */
export function countOwners(parts: readonly IPart[]): number {
  return parts.reduce((count, part) => {
    const own = part.owner === null ? 0 : 1;
    return count + (isRest(part) ? parseInt(part.name, 10) : own);
  }, 0);
}

/** What to ask to be released so that a part goes; null where nothing will do. */
export function releaseOf(part: IPart): string | null {
  const { owner, kind, level, name } = part;
  if (owner === null) {
    return kind === 'cache' ? 'allocator_cache' : null;
  }
  if (level > 1 || isRest(part)) {
    return null;
  }
  switch (owner.owner) {
    case 'output':
      return releaseOfOutput(name) ?? 'output_history';
    case 'exception':
      return 'last_exception';
    case 'unreachable':
      return 'garbage';
    case 'frame':
    case 'workspace':
      return null;
    case 'gradient':
      return isPath(name) ? `gradients:${name}` : null;
    case 'graph':
      // A graph goes with the output that keeps it.
      return releaseOfOutput(name) ?? releaseOfName(name);
    default:
      return releaseOfName(name);
  }
}

/** As the kernel writes the way to an object: `x`, `net[0].bias`, `d['a']`. */
export function isPath(text: string): boolean {
  return PATH.test(text);
}

const PATH =
  /^[\p{ID_Start}_][\p{ID_Continue}]*(\.[\p{ID_Start}_][\p{ID_Continue}]*|\[-?\d+\]|\[(['"])(?:(?!\2)[^\\]|\\.)*\2\])*$/su;

function releaseOfOutput(name: string): string | null {
  const number = /^Out\[(\d+)\]/.exec(name);
  // The underscores are of the history alone.
  const isOfHistory = /^_(_{0,2}|\d+)(?![\p{ID_Continue}])/u.test(name);
  return number !== null
    ? `output:${number[1]}`
    : isOfHistory
      ? 'output_history'
      : null;
}

/** Not of a local of a call, a script's variable, or what has no name at all. */
function releaseOfName(name: string): string | null {
  return isPath(name) ? `name:${name}` : null;
}

/** Bytes by what can be released without a name of the user's, the most first. */
export function releasableOf(
  devices: readonly DeviceMemory[]
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const part of devices.flatMap(partsOf)) {
    const of = releaseOf(part);
    const what = of?.startsWith('output:') ? 'output_history' : of;
    if (what !== null && !what.includes(':') && part.bytes > 0) {
      sums.set(what, (sums.get(what) ?? 0) + part.bytes);
    }
  }
  return new Map(Array.from(sums).sort((one, other) => other[1] - one[1]));
}

function inside(parent: IPart | null, owners: readonly MemoryOwner[]): IPart[] {
  const seen = new Map<string, number>();
  return owners.map(owner => {
    const own = parent === null ? `${owner.owner} ${owner.name}` : owner.name;
    const times = seen.get(own) ?? 0;
    seen.set(own, times + 1);
    // Two operations of a graph may have one name.
    const unique = times === 0 ? own : `${own}#${times}`;
    return {
      key: parent === null ? unique : `${parent.key}\n${unique}`,
      name: owner.name,
      kind: kindOf(owner.owner),
      bytes: owner.bytes,
      owner,
      other: null,
      level: (parent?.level ?? 0) + 1,
      parent
    };
  });
}
