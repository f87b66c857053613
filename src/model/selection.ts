/** A line that can be chosen: `r` and the id of a row, `g` and a group's name. */
export type Key = `r${string}` | `g${string}`;

export function rowKey(id: string): Key {
  return `r${id}`;
}

export function groupKey(name: string): Key {
  return `g${name}`;
}

/** The id of a row's key; null for a group's. */
export function idOf(key: Key): string | null {
  return key.startsWith('r') ? key.slice(1) : null;
}

/** The name of a group's key; null for a row's. */
export function groupOf(key: Key): string | null {
  return key.startsWith('g') ? key.slice(1) : null;
}

/**
 * The lines that are chosen, and the one that the keyboard is at.
 *
 * As in lists of files: one click chooses one, Ctrl adds or takes away, Shift
 * chooses from the anchor to here.
 */
export class Selection {
  /** Where the keyboard is; it need not be chosen. */
  get active(): Key | null {
    return this._active;
  }

  get size(): number {
    return this._chosen.size;
  }

  /** In the order in which they were chosen. */
  get chosen(): readonly Key[] {
    return Array.from(this._chosen);
  }

  has(key: Key): boolean {
    return this._chosen.has(key);
  }

  /** Chooses this one alone. */
  pick(key: Key): void {
    this._chosen = new Set([key]);
    this._anchor = key;
    this._active = key;
  }

  /** Adds it, or takes it away. */
  toggle(key: Key): void {
    if (!this._chosen.delete(key)) {
      this._chosen.add(key);
    }
    this._anchor = key;
    this._active = key;
  }

  /**
   * Chooses from the anchor to this one.
   *
   * @param between the keys from one line to another, both included.
   */
  extend(key: Key, between: (from: Key, to: Key) => readonly Key[]): void {
    this._anchor ??= this._active ?? key;
    this._chosen = new Set(between(this._anchor, key));
    this._active = key;
  }

  /** Goes there without choosing anything. */
  go(key: Key): void {
    this._active = key;
  }

  all(keys: readonly Key[]): void {
    this._chosen = new Set(keys);
    this._active ??= keys[0] ?? null;
  }

  clear(): void {
    this._chosen = new Set();
    this._anchor = null;
    this._active = null;
  }

  /**
   * Follows lines to their new keys.
   *
   * @param follow the key that stands for this one now, or null: it is gone.
   */
  map(follow: (key: Key) => Key | null): void {
    const next = new Set<Key>();
    for (const key of this._chosen) {
      const now = follow(key);
      if (now !== null) {
        next.add(now);
      }
    }
    this._chosen = next;
    this._anchor = this._anchor === null ? null : follow(this._anchor);
    this._active = this._active === null ? null : follow(this._active);
  }

  private _active: Key | null = null;
  private _anchor: Key | null = null;
  private _chosen = new Set<Key>();
}
