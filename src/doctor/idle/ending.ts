import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IdleKernel } from '../types';
import type { IIdleClient } from './client';
import { kernelName } from './words';

/** Which kernels were shut down, and why others were not, in sentences. */
export interface IEnded {
  readonly done: readonly IdleKernel[];
  readonly failures: readonly string[];
}

/**
 * Shuts down these kernels one after the other, each only when the server says
 * right before that it is idle: what was idle when the notice came, or while
 * another was shut down, may have begun to work since.
 */
export async function endIdle(
  wanted: readonly IdleKernel[],
  client: Pick<IIdleClient, 'kernels'>,
  kernels: Pick<Kernel.IManager, 'shutdown'>,
  trans: TranslationBundle
): Promise<IEnded> {
  const done: IdleKernel[] = [];
  const failures: string[] = [];
  for (const one of wanted) {
    const name = kernelName(one);
    try {
      const now = (await client.kernels([one.id])).find(
        ({ id }) => id === one.id
      );
      if (now?.may_shut_down) {
        await kernels.shutdown(one.id);
        done.push(one);
      } else {
        failures.push(now?.reason ?? trans.__('%1 is not idle.', name));
      }
    } catch (reason) {
      failures.push(
        trans.__(
          '%1 could not be shut down: %2',
          name,
          reason instanceof Error ? reason.message : String(reason)
        )
      );
    }
  }
  return { done, failures };
}
