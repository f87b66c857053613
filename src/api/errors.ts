import type { ErrorAnswer, RefusedTensor } from './types';

/**
 * What the server refused or could not do, in words.
 *
 * `code` is a stable word, `message` says what happened and `hint` what to do.
 * `status` is the HTTP status, or 0 when no answer came at all.  `refused` says
 * of single tensors why a move refuses them.
 */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly refused: readonly RefusedTensor[] = []
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The error of whatever was thrown. */
  static from(reason: unknown): ApiError {
    return reason instanceof ApiError
      ? reason
      : new ApiError(0, 'unexpected', String(reason), '');
  }

  /** The error of an answer, whoever wrote it (a proxy's is not JSON). */
  static async of(response: Response): Promise<ApiError> {
    const text = await response.text().catch(() => '');
    try {
      const { error, refused } = JSON.parse(text) as ErrorAnswer;
      return new ApiError(
        response.status,
        error.code,
        error.message,
        error.hint,
        refused
      );
    } catch {
      return new ApiError(
        response.status,
        `http_${response.status}`,
        `The server answered ${response.status} ${response.statusText}.`,
        ''
      );
    }
  }
}
