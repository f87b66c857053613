import type { TranslationBundle } from '@jupyterlab/translation';
import type { LiveModel } from '../model/live';
import { formatAge } from './sizes';

/** How loud a sentence is: `calm` explains, `wait` passes, `trouble` does not. */
export type Tone = 'calm' | 'wait' | 'trouble';

/** Something that the panel says about its own state. */
export interface INotice {
  readonly tone: Tone;
  readonly text: string;
  /** What to do about it, or null. */
  readonly hint: string | null;
}

/** Data older than this many intervals, plus a moment, is called old. */
const PATIENCE = 3;

/**
 * Why the lists are not what they should be, or null when all is well.
 *
 * @param now milliseconds since the epoch.
 */
export function notice(
  live: LiveModel,
  trans: TranslationBundle,
  now: number
): INotice | null {
  const { settings, current, kernel, error } = live;
  if (settings.isLoaded && !settings.values.enabled) {
    return {
      tone: 'calm',
      text: trans.__('DL Kit is switched off.'),
      hint: trans.__('Switch it on in the settings editor, under DL Kit.')
    };
  }
  const server = ofServer(live, trans);
  if (server !== null) {
    return server;
  }
  if (current === null) {
    return ofNoKernel(live, trans);
  }
  if (kernel !== null && kernel.agent !== 'attached') {
    return ofAgent(live, trans);
  }
  if (current.state === 'restarting' || current.state === 'autorestarting') {
    return {
      tone: 'wait',
      text: trans.__('The kernel is restarting; its tensors are gone.'),
      hint: null
    };
  }
  if (current.state === 'dead') {
    return {
      tone: 'trouble',
      text: trans.__('The kernel died; its tensors are gone.'),
      hint: trans.__('Restart it from the Kernel menu.')
    };
  }
  if (error !== null) {
    return { tone: 'trouble', text: error.message, hint: error.hint || null };
  }
  if (live.stale !== null) {
    return { tone: 'wait', text: live.stale, hint: null };
  }
  if (live.lookedAt === 0) {
    return {
      tone: 'wait',
      text: trans.__('Looking at the kernel’s tensors…'),
      hint: null
    };
  }
  const age = now - live.lookedAt;
  if (
    live.isWatched &&
    age > settings.values.interval * 1000 * PATIENCE + 4e3
  ) {
    return {
      tone: 'wait',
      text: trans.__(
        'The kernel has not answered for %1; this is what it said last.',
        formatAge(age)
      ),
      hint: null
    };
  }
  return null;
}

function ofServer(live: LiveModel, trans: TranslationBundle): INotice | null {
  switch (live.server) {
    case 'fine':
      return null;
    case 'connecting':
      return live.lookedAt === 0 && live.isWatched
        ? {
            tone: 'wait',
            text: trans.__('Connecting to the server…'),
            hint: null
          }
        : null;
    case 'away':
      return {
        tone: 'trouble',
        text: trans.__(
          'The server does not answer. What you see is what it said last.'
        ),
        hint: trans.__('DL Kit comes back by itself when the server does.')
      };
    case 'missing':
      return {
        tone: 'trouble',
        text: trans.__('The server runs without its part of DL Kit.'),
        hint: trans.__(
          'Install jupyter-dlkit in the environment of the server, or run “jupyter server extension enable jupyter_dlkit”, and start the server again.'
        )
      };
    case 'forbidden':
      return {
        tone: 'trouble',
        text: trans.__('This server does not let you look into its kernels.'),
        hint: trans.__('Ask whoever runs it for the right to execute code.')
      };
  }
}

function ofNoKernel(live: LiveModel, trans: TranslationBundle): INotice {
  if (live.isStarting) {
    return {
      tone: 'wait',
      text: trans.__('The kernel is starting…'),
      hint: null
    };
  }
  return live.withoutKernel === null
    ? {
        tone: 'calm',
        text: trans.__('No notebook or console is open.'),
        hint: trans.__('Open one, and its tensors appear here.')
      }
    : {
        tone: 'calm',
        text: trans.__('%1 has no kernel.', live.withoutKernel),
        hint: trans.__('Run a cell or choose a kernel to start one.')
      };
}

function ofAgent(live: LiveModel, trans: TranslationBundle): INotice | null {
  const { agent, reason } = live.kernel!;
  switch (agent) {
    case 'attached':
      return null;
    case 'detached':
    case 'attaching':
      return {
        tone: 'wait',
        text: trans.__('Asking the kernel for its tensors…'),
        hint: null
      };
    case 'disabled':
      return {
        tone: 'calm',
        text: trans.__('Looking into this kernel is switched off.'),
        hint: reason
      };
    case 'unsupported':
      return {
        tone: 'calm',
        text: trans.__('DL Kit cannot look into this kernel.'),
        hint: reason
      };
    case 'unreachable':
      return {
        tone: 'trouble',
        text: trans.__('The kernel does not answer.'),
        hint: reason
      };
  }
}
