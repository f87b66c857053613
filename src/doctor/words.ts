import type { TranslationBundle } from '@jupyterlab/translation';
import type { LiveModel } from '../model/live';
import type { INotice } from '../panel/states';
import type { IKnown, Place } from './model';
import type { DoctorCheck, Verdict } from './types';

/** Worst first. */
export const VERDICTS: readonly Verdict[] = [
  'problem',
  'warning',
  'unknown',
  'info',
  'ok',
  'not_applicable'
];

/** In the order in which they are shown. */
const GROUPS = ['accelerator', 'pytorch', 'machine', 'extension', 'cloud'];

/** Checks of one kind. */
export interface IGroup {
  readonly id: string;
  readonly checks: readonly DoctorCheck[];
}

/** The checks by group, in the order of the report; no group is empty. */
export function grouped(checks: readonly DoctorCheck[]): IGroup[] {
  const ids = new Set([...GROUPS, ...checks.map(({ group }) => group)]);
  return Array.from(ids, id => ({
    id,
    checks: checks.filter(({ group }) => group === id)
  })).filter(group => group.checks.length > 0);
}

/** The worst of the verdicts. */
export function worst(checks: readonly DoctorCheck[]): Verdict {
  return (
    VERDICTS.find(verdict => checks.some(check => check.verdict === verdict)) ??
    'not_applicable'
  );
}

export function groupLabel(id: string, trans: TranslationBundle): string {
  switch (id) {
    case 'accelerator':
      return trans.__('Accelerator');
    case 'pytorch':
      return trans.__('PyTorch');
    case 'machine':
      return trans.__('Machine');
    case 'extension':
      return trans.__('This extension');
    case 'cloud':
      return trans.__('Cloud');
    default:
      return id;
  }
}

/** The word beside the icon, which says the same. */
export function verdictWord(
  verdict: Verdict,
  trans: TranslationBundle
): string {
  switch (verdict) {
    case 'problem':
      return trans.__('Problem');
    case 'warning':
      return trans.__('Warning');
    case 'unknown':
      return trans.__('Unknown');
    case 'info':
      return trans.__('Note');
    case 'ok':
      return trans.__('Fine');
    case 'not_applicable':
      return trans.__('Does not apply');
  }
}

/** How many of each, without what does not apply: `1 problem, 4 fine`. */
export function countsText(
  checks: readonly DoctorCheck[],
  trans: TranslationBundle
): string {
  const count = (wanted: Verdict): number =>
    checks.filter(({ verdict }) => verdict === wanted).length;
  const [problems, warnings, unknowns, notes, fine] = VERDICTS.map(count);
  return (
    [
      [problems, trans._n('%1 problem', '%1 problems', problems)],
      [warnings, trans._n('%1 warning', '%1 warnings', warnings)],
      [unknowns, trans.__('%1 unknown', unknowns)],
      [notes, trans._n('%1 note', '%1 notes', notes)],
      [fine, trans.__('%1 fine', fine)]
    ] as const
  )
    .filter(([number]) => number > 0)
    .map(([, text]) => text)
    .join(', ');
}

/** Why this environment cannot be examined, or may not; null when it can. */
export function obstacle(
  live: Pick<LiveModel, 'current' | 'isStarting' | 'kernel' | 'settings'>,
  place: Place,
  known: IKnown | null,
  trans: TranslationBundle
): INotice | null {
  const calm = (text: string, hint: string | null): INotice => ({
    tone: 'calm',
    text,
    hint
  });
  const switchOn = trans.__(
    'Switch it on in the settings editor, under DL Kit; the server can be examined.'
  );
  const { current, kernel } = live;
  if (known?.error?.status === 403) {
    return calm(
      place === 'server'
        ? trans.__('You may read what was found here, but not examine it.')
        : trans.__('You may not examine the kernels of this server.'),
      trans.__('Ask whoever runs it for the right to execute code.')
    );
  }
  if (place === 'server') {
    return null;
  }
  if (live.settings.isLoaded && !live.settings.values.enabled) {
    return calm(
      trans.__('DL Kit is switched off: no kernel is examined.'),
      switchOn
    );
  }
  if (current === null) {
    return live.isStarting
      ? calm(trans.__('The kernel is starting.'), null)
      : calm(
          trans.__('There is no kernel to examine.'),
          trans.__(
            'Open a notebook and run a cell, or examine the server: it needs no kernel.'
          )
        );
  }
  if (current.state === 'dead') {
    return calm(
      trans.__('The kernel of %1 died.', current.title),
      trans.__('Restart it from the Kernel menu, then examine it.')
    );
  }
  if (current.state === 'restarting' || current.state === 'autorestarting') {
    return calm(trans.__('The kernel is restarting.'), null);
  }
  if (kernel?.agent === 'unsupported' || kernel?.agent === 'disabled') {
    return calm(
      trans.__('The kernel of %1 cannot be examined.', current.title),
      kernel.reason
    );
  }
  return null;
}
