import type { TranslationBundle } from '@jupyterlab/translation';
import type { CellMemory, Release, ReleasedRow } from '../api/types';
import type { ISaid } from '../panel/moves/words';
import { errorSentence, formatSeconds } from '../panel/moves/words';
import { formatBytes, formatCount } from '../panel/sizes';
import { kindText, otherText, ownerText } from './kinds';
import type { IPart } from './owners';
import { isOpen } from './releases';
import type { IReleasing } from './releases';

/** `RAM` for the host; else as torch prints it. */
export function deviceName(device: string, trans: TranslationBundle): string {
  return device === 'cpu' ? trans.__('RAM') : device;
}

/** A part by its name; what is no owner's by what it is. */
export function partName(part: IPart, trans: TranslationBundle): string {
  return part.name === '' ? kindText(part.kind, trans) : part.name;
}

/** What a part is, beside its name. */
export function partText(part: IPart, trans: TranslationBundle): string {
  return part.owner !== null
    ? ownerText(part.owner.owner, trans)
    : part.other === null
      ? ''
      : otherText(part.other.kind, trans);
}

/** `12 %`, `0.4 %`, `<0.1 %`. */
export function shareText(part: number, whole: number): string {
  if (whole <= 0) {
    return '–';
  }
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) {
    return '<0.1 %';
  }
  return `${percent < 9.95 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** `+1.2 GiB`, `−3 MiB`, `±0`. */
export function changeText(bytes: number | null): string {
  if (bytes === null) {
    return '–';
  }
  if (bytes === 0) {
    return '±0';
  }
  return `${bytes > 0 ? '+' : '−'}${formatBytes(Math.abs(bytes))}`;
}

/** What can be released, as the object of a sentence. */
export function whatText(what: string, trans: TranslationBundle): string {
  const [kind, ...rest] = what.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'output_history':
      return trans.__('all outputs');
    case 'output':
      return trans.__('Out[%1]', name);
    case 'last_exception':
      return trans.__('the last exception');
    case 'garbage':
      return trans.__('what is out of reach');
    case 'allocator_cache':
      return trans.__('the allocator’s cache');
    case 'gradients':
      return trans.__('the gradients of %1', name);
    default:
      return name === '' ? what : name;
  }
}

/** What a button that releases it says. */
export function releaseLabel(what: string, trans: TranslationBundle): string {
  const [kind, ...rest] = what.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'output_history':
      return trans.__('Release outputs');
    case 'output':
      return trans.__('Release Out[%1]', name);
    case 'last_exception':
      return trans.__('Clear the exception');
    case 'garbage':
      return trans.__('Collect garbage');
    case 'allocator_cache':
      return trans.__('Empty the cache');
    case 'gradients':
      return trans.__('Release gradients');
    default:
      return trans.__('Delete %1', name);
  }
}

/** What a release cannot give back, or that it can. */
export function releaseMeaning(what: string, trans: TranslationBundle): string {
  switch (what.split(':')[0]) {
    case 'output_history':
    case 'output':
      return trans.__(
        'Out and the underscores forget the values; your variables stay, and what the notebook shows stays.'
      );
    case 'last_exception':
      return trans.__('%debug and %tb have nothing to show afterwards.');
    case 'garbage':
      return trans.__('Collects what no name reaches any more.');
    case 'allocator_cache':
      return trans.__(
        'Gives it back to the driver, for other programs; it frees no tensor.'
      );
    case 'gradients':
      return trans.__('As zero_grad() does; do not do it before a step().');
    default:
      return trans.__('As del does. This cannot be undone.');
  }
}

/** Whether `action` is something that can be asked to be released. */
export function isReleasable(action: string): boolean {
  return /^(output_history|last_exception|garbage|allocator_cache|(output|gradients|name):.+)$/s.test(
    action
  );
}

/** Where a release is, or how it ended. */
export function releaseSentence(
  releasing: IReleasing,
  trans: TranslationBundle
): ISaid {
  const { release, error, what } = releasing;
  const names = what.map(one => whatText(one, trans)).join(', ');
  if (error !== null) {
    return errorSentence(error, trans);
  }
  if (release === null || release.state === 'running') {
    return { text: trans.__('Releasing %1…', names), hint: null };
  }
  switch (release.state) {
    case 'queued':
      return release.kernel_state === 'idle'
        ? { text: trans.__('Releasing %1…', names), hint: null }
        : {
            text: trans.__(
              'Queued behind the running cell: releasing %1.',
              names
            ),
            hint: null
          };
    case 'cancelled':
      return {
        text: trans.__('Cancelled before it began: %1 is still there.', names),
        hint: null
      };
    default:
      return {
        text: release.message || trans.__('It did not work.'),
        hint: release.hint
      };
  }
}

/** `cuda:0 20 MiB → 8 MiB`, measured; null where nothing could be. */
export function measuredText(
  row: ReleasedRow,
  trans: TranslationBundle
): string | null {
  const { before, after } = row;
  return before === null || after === null
    ? null
    : trans.__(
        '%1 %2 → %3',
        deviceName(row.device, trans),
        formatBytes(before),
        formatBytes(after)
      );
}

/** What a screen reader says of all that was asked to be released. */
export function aloud(
  sent: readonly IReleasing[],
  trans: TranslationBundle
): string {
  return sent
    .filter(one => !isOpen(one) || one.release?.state === 'queued')
    .map(one => releaseSentence(one, trans).text)
    .join(' ');
}

/** Holders that are named at once, here and in a sentence of the kernel. */
export const NAMED = 3;

/**
 * By device, who still has what was released; without those that the sentence
 * that says how it ended has told.
 */
export function keptBy({
  message,
  released
}: Pick<Release, 'message' | 'released'>): Map<string, string[]> {
  const kept = new Map<string, string[]>();
  for (const row of released) {
    const names = row.still_held_by;
    const isTold = row.message === message && names.length <= NAMED;
    if (names.length > 0 && !isTold) {
      const all = [...(kept.get(row.device) ?? []), ...names];
      kept.set(row.device, Array.from(new Set(all)));
    }
  }
  return kept;
}

/** `[7]`, or what else a cell is called. */
export function cellName(
  { execution_count }: CellMemory,
  trans: TranslationBundle
): string {
  return execution_count === null
    ? trans.__('a cell without a number')
    : trans.__('Cell [%1]', execution_count);
}

/** What a cell did, in short sentences: first how long, then device by device. */
export function cellLines(
  cell: CellMemory,
  isRunning: boolean,
  trans: TranslationBundle
): string[] {
  const { seconds, state, error, appeared, appeared_more } = cell;
  const took = formatSeconds(seconds);
  const lines = [
    isRunning
      ? trans.__('%1 runs, for %2 so far.', cellName(cell, trans), took)
      : state === 'failed'
        ? trans.__(
            '%1 failed after %2 (%3).',
            cellName(cell, trans),
            took,
            error ?? trans.__('an error')
          )
        : state === 'interrupted'
          ? trans.__(
              '%1 was interrupted after %2.',
              cellName(cell, trans),
              took
            )
          : trans.__('%1 took %2.', cellName(cell, trans), took)
  ];
  if (cell.partial) {
    lines.push(trans.__('What it did before it was looked at is not known.'));
  }
  for (const [device, of] of Object.entries(cell.devices)) {
    if (of.change === 0 && (of.after ?? 0) === 0 && (of.peak ?? 0) === 0) {
      continue;
    }
    lines.push(
      deviceLine(
        device,
        of.change,
        of.peak,
        of.peak_meaning ?? (of.peak_is_exact ? 'exact' : 'at most'),
        trans
      )
    );
  }
  if (cell.memory_change !== null) {
    lines.push(
      deviceLine(
        trans.__('RAM of the process'),
        cell.memory_change,
        cell.memory_peak,
        cell.memory_peak_is_exact ? 'exact' : 'at most',
        trans
      )
    );
  }
  if (appeared.length > 0) {
    const names = appeared.join(', ');
    lines.push(
      appeared_more > 0
        ? trans.__('New: %1 and %2 more.', names, formatCount(appeared_more))
        : trans.__('New: %1.', names)
    );
  }
  return lines;
}

function deviceLine(
  name: string,
  change: number | null,
  peak: number | null,
  meaning: string,
  trans: TranslationBundle
): string {
  const changed = changeText(change);
  if (peak === null) {
    return trans.__('%1: %2.', name, changed);
  }
  const most = formatBytes(peak);
  switch (meaning) {
    case 'exact':
      return trans.__('%1: %2, peak %3.', name, changed, most);
    case 'at least':
      return trans.__('%1: %2, peak at least %3.', name, changed, most);
    default:
      return trans.__('%1: %2, peak at most %3.', name, changed, most);
  }
}

/** The last cell in a few words: `[7] +1.2 GiB on cuda:0, 3.4 s`. */
export function lastCellText(
  cell: CellMemory | null,
  trans: TranslationBundle
): string | null {
  if (cell === null) {
    return null;
  }
  const changes = Object.entries(cell.devices)
    .filter(([, { change }]) => change !== null && change !== 0)
    .map(([device, { change }]) =>
      trans.__('%1 on %2', changeText(change), device)
    );
  const number =
    cell.execution_count === null ? '' : `[${cell.execution_count}]`;
  return [
    `${number} ${changes.join(', ') || trans.__('no change')}`.trim(),
    formatSeconds(cell.seconds)
  ].join(', ');
}
