const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in binary units with three digits: `512 B`, `1.5 KiB`, `24.0 GiB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) {
    return '–';
  }
  let value = bytes;
  let unit = 0;
  // From here on it would be printed as 1024.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${trim(value.toFixed(digits))} ${UNITS[unit]}`;
}

function trim(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** A part and its whole; the unit once where it is the same: `1.5`, `24 GiB`. */
export function formatUsed(part: number, whole: number): [string, string] {
  const [used, total] = [formatBytes(part), formatBytes(whole)];
  const unit = total.split(' ')[1];
  return [used.endsWith(` ${unit}`) ? used.split(' ')[0] : used, total];
}

/** A shape as Python prints it: `()`, `(3,)`, `(64, 3, 7, 7)`. */
export function formatShape(shape: readonly (number | null)[] | null): string {
  if (shape === null) {
    return '–';
  }
  const sizes = shape.map(size => (size === null ? '?' : String(size)));
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(', ')})`;
}

/** A count with thousands apart, as the reader's language does. */
export function formatCount(count: number): string {
  return count.toLocaleString();
}

/** A number of a tensor, in at most six digits. */
export function formatNumber(value: number | null): string {
  if (value === null) {
    return '–';
  }
  if (Number.isInteger(value) && Math.abs(value) < 1e6) {
    return String(value);
  }
  return String(Number(value.toPrecision(6)));
}

/** An age in the largest unit that fits: `2 s`, `5 min`, `3 h`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
