import type { TranslationBundle } from '@jupyterlab/translation';
import type { ApiError } from '../../api/errors';
import type { Deletion, Fit, Move } from '../../api/types';
import type { IDeleting } from '../../model/deletions';
import { MOST } from '../../model/targets';
import { formatBytes, formatCount } from '../sizes';

/** A sentence, and what to do about it. */
export interface ISaid {
  readonly text: string;
  readonly hint: string | null;
}

/** `model`, `x and y`, `x, y and 5 more`. */
export function several(
  names: readonly string[],
  trans: TranslationBundle
): string {
  switch (names.length) {
    case 0:
      return '';
    case 1:
      return names[0];
    case 2:
      return trans.__('%1 and %2', names[0], names[1]);
    default:
      return trans.__(
        '%1, %2 and %3 more',
        names[0],
        names[1],
        formatCount(names.length - 2)
      );
  }
}

/** `cpu → cuda:0`; where it comes from several, all of them. */
export function route({ moved, device }: Move): string {
  const from = Array.from(new Set(moved.map(tensor => tensor.from)));
  return `${from.sort().join(', ')} → ${device}`;
}

/** `63 tensors, 12.4 MiB`; of one tensor only its bytes. */
export function amount(move: Move, trans: TranslationBundle): string {
  const bytes = formatBytes(move.total_bytes);
  const count = move.moved.length;
  return count === 1
    ? bytes
    : trans.__('%1 tensors, %2', formatCount(count), bytes);
}

/** What a draft would do, as its title. */
export function draftTitle(
  how: Move['how'],
  targets: readonly string[],
  device: string,
  trans: TranslationBundle
): string {
  const what = several(targets, trans);
  switch (how) {
    case 'move':
      return trans.__('Move %1 to %2', what, device);
    case 'copy':
      return trans.__('Copy %1 to %2', what, device);
    case 'rebind':
      return trans.__('Rebind %1 to %2', what, device);
  }
}

/** It is queued, and not only for the moment until an idle kernel takes it. */
export function waitsForCell({
  state,
  kernel_state
}: Move | Deletion): boolean {
  return state === 'queued' && kernel_state !== 'idle';
}

/** How a move ended. */
export function endSentence(
  move: Move,
  targets: readonly string[],
  trans: TranslationBundle
): ISaid {
  const what = several(targets, trans);
  const { state, hint } = move;
  switch (state) {
    case 'done':
      return { text: doneSentence(move, what, trans), hint };
    case 'undone': {
      const to = Array.from(new Set(move.moved.map(tensor => tensor.to)));
      return {
        text: trans.__('Put %1 back on %2.', what, to.sort().join(', ')),
        hint
      };
    }
    case 'cancelled':
      return {
        text: trans.__('Cancelled before it began: %1 did not move.', what),
        hint
      };
    default:
      return {
        text: move.message ?? trans.__('%1 was not moved.', what),
        hint
      };
  }
}

function doneSentence(
  move: Move,
  what: string,
  trans: TranslationBundle
): string {
  if (move.moved.length === 0) {
    return trans.__('%1 is already on %2.', what, move.device);
  }
  const parts = [what, amount(move, trans), route(move)];
  const time = move.seconds === null ? null : formatSeconds(move.seconds);
  if (move.how === 'copy') {
    return time === null
      ? trans.__('Copied %1: %2, %3', ...parts)
      : trans.__('Copied %1: %2, %3 in %4', ...parts, time);
  }
  return time === null
    ? trans.__('Moved %1: %2, %3', ...parts)
    : trans.__('Moved %1: %2, %3 in %4', ...parts, time);
}

/** `0.1 s`, `3.2 s`, `95 s`; below a twentieth of a second in ms. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.05) {
    return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  }
  return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
}

/** `cpu 20 MiB → 8 MiB`, for each device that says what it has. */
export function measured({ bytes }: Move | Deletion): string[] {
  return Object.entries(bytes)
    .filter(([, { before, after }]) => before !== null && after !== null)
    .map(
      ([device, { before, after }]) =>
        `${device} ${formatBytes(before)} → ${formatBytes(after)}`
    );
}

/** The answer to *Will training fit?*, in a few words. */
export function fitVerdict(fit: Fit, trans: TranslationBundle): string {
  const needed = formatBytes(fit.needed);
  if (fit.fits === null || fit.free === null) {
    return trans.__('it needs %1', needed);
  }
  return fit.fits
    ? trans.__('yes, %1 of %2', needed, formatBytes(fit.free))
    : trans.__('no, it needs %1 of %2', needed, formatBytes(fit.free));
}

/** Why something that was asked for did not happen. */
export function errorSentence(
  error: ApiError,
  trans: TranslationBundle
): ISaid {
  switch (error.code) {
    case 'no_answer':
      return {
        text: trans.__('The server does not answer.'),
        hint: trans.__('Nothing is lost: try again when it is back.')
      };
    case 'kernel_restarted':
      return {
        text: trans.__(
          'The kernel restarted before this was done; its tensors are gone.'
        ),
        hint: null
      };
    case 'too_many':
      return {
        text: trans.__(
          'More than %1 things cannot be moved at once.',
          formatCount(MOST)
        ),
        hint: trans.__('Choose fewer, or the module or container they are in.')
      };
    case 'undo_cancelled':
      return {
        text: trans.__('Undoing was cancelled before it began.'),
        hint: null
      };
    default:
      return {
        text: error.message || trans.__('It did not work.'),
        hint: error.hint || null
      };
  }
}

/** Of several deletions, one sentence. */
export function deletedSentence(
  sent: readonly IDeleting[],
  trans: TranslationBundle
): string {
  const names = (list: readonly IDeleting[]): string =>
    several(
      list.map(({ doomed }) => doomed.name),
      trans
    );
  const of = (state: string): IDeleting[] =>
    sent.filter(one => one.error === null && one.deletion?.state === state);
  const queued = of('queued');
  if (queued.length > 0) {
    return trans.__(
      'Queued behind the running cell: deleting %1.',
      names(queued)
    );
  }
  if (
    sent.some(({ deletion, error }) => deletion === null && error === null) ||
    of('running').length > 0
  ) {
    return trans.__('Deleting %1…', names(sent));
  }
  const done = of('done').filter(
    ({ deletion }) => deletion!.deleted.length > 0
  );
  if (done.length > 0) {
    const deleted = done.flatMap(({ deletion }) => deletion!.deleted);
    return trans.__('Deleted %1.', several(deleted, trans));
  }
  return of('cancelled').length === sent.length
    ? trans.__('Cancelled before it began: %1 is still there.', names(sent))
    : trans.__('%1 was not deleted.', names(sent));
}
