import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from '../api/errors';
import type { ICellAnswer } from './types';

/** What the check of a cell asks of the server. */
export interface ICellClient {
  /**
   * What is wrong with the shapes in a cell, which is parsed and never run;
   * throws {@link ApiError} (400: it cannot be parsed), or whatever the signal
   * was aborted with.
   */
  checkCell(
    kernelId: string,
    source: string,
    signal: AbortSignal
  ): Promise<ICellAnswer>;
}

/** The question to a kernel, through the application's own connection. */
export class CellClient implements ICellClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async checkCell(
    kernelId: string,
    source: string,
    signal: AbortSignal
  ): Promise<ICellAnswer> {
    const url = URLExt.join(
      this.settings.baseUrl,
      'jupyter_dlkit/kernels',
      encodeURIComponent(kernelId),
      'check'
    );
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        url,
        {
          method: 'POST',
          signal,
          body: JSON.stringify({ source, kind: 'cell' })
        },
        this.settings
      );
    } catch {
      signal.throwIfAborted();
      throw new ApiError(0, 'no_answer', 'The server does not answer.', '');
    }
    if (!response.ok) {
      throw await ApiError.of(response);
    }
    return (await response.json()) as ICellAnswer;
  }
}
