import type { IChanges } from '../api/client';
import { ApiError } from '../api/errors';
import type { Deletion, Move, Release } from '../api/types';

/** Whether nothing more will be heard of it, unless it is undone. */
export function isOver({ state }: Move | Deletion | Release): boolean {
  return state !== 'queued' && state !== 'running';
}

/** Why what was queued or running is not done. */
export function restartedError(): ApiError {
  return new ApiError(
    0,
    'kernel_restarted',
    'The kernel restarted before this was done.',
    ''
  );
}

/** How a change goes by now: null when neither server nor kernel can say. */
export async function askAgain<T extends Move | Deletion | Release>(
  client: Pick<IChanges, 'change'>,
  kernelId: string,
  id: string
): Promise<T | ApiError | null> {
  try {
    return (await client.change(kernelId, id)) as T;
  } catch (reason) {
    const error = ApiError.from(reason);
    return error.status === 0 || error.status === 504 ? null : error;
  }
}
