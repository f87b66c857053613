import type { TranslationBundle } from '@jupyterlab/translation';
import { formatBytes } from '../../panel/sizes';
import type { IdleKernel, IdleNotice } from '../types';

/** Of a longer message JupyterLab shows no more than this. */
const MOST = 140;

/** What a person calls a kernel: its notebook, where it has one. */
export function kernelName({ notebook, name }: IdleKernel): string {
  return notebook ?? name;
}

/** The server's sentence, or a shorter one that still names kernels. */
export function noticeText(
  notice: IdleNotice,
  trans: TranslationBundle
): string {
  if (notice.message.length <= MOST) {
    return notice.message;
  }
  const { devices, kernels } = notice;
  const names = kernels.map(kernel =>
    kernel.execution_state === 'busy'
      ? trans.__('%1 (runs a cell)', kernelName(kernel))
      : kernelName(kernel)
  );
  const minutes = Math.floor(notice.idle_minutes);
  for (let count = names.length; count > 0; count--) {
    const listed = names.slice(0, count).join(', ');
    const others = names.length - count;
    const whose =
      others === 0 ? listed : trans.__('%1 and %2 more', listed, others);
    const text = trans._n(
      '%1 GPU idle for %2 min, held by %3',
      '%1 GPUs idle for %2 min, held by %3',
      devices.length,
      minutes,
      whose
    );
    if (text.length <= MOST) {
      return text;
    }
  }
  return trans.__(
    'GPUs idle for %1 min, held by %2 kernels',
    minutes,
    names.length
  );
}

/** A kernel and what it holds, as a line of the question. */
export function heldText(kernel: IdleKernel, trans: TranslationBundle): string {
  return kernel.bytes === null
    ? kernelName(kernel)
    : trans.__('%1 (%2)', kernelName(kernel), formatBytes(kernel.bytes));
}
