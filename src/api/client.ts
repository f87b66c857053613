import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from './errors';
import type { DetailQuery, Kernel, Status, TensorDetail } from './types';

/** What the models ask of the server. */
export interface IClient {
  /** Host and devices; throws {@link ApiError}. */
  status(): Promise<Status>;
  /** Every running kernel; throws {@link ApiError}. */
  kernels(): Promise<Kernel[]>;
  /** One tensor in full; throws {@link ApiError} (409: another object now). */
  tensor(
    kernelId: string,
    tensorId: string,
    query: DetailQuery,
    signal?: AbortSignal
  ): Promise<TensorDetail>;
}

/** The REST half of the API, through the application's own connection. */
export class Client implements IClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async status(): Promise<Status> {
    return this._get<Status>('status');
  }

  async kernels(): Promise<Kernel[]> {
    return (await this._get<{ kernels: Kernel[] }>('kernels')).kernels;
  }

  async tensor(
    kernelId: string,
    tensorId: string,
    query: DetailQuery,
    signal?: AbortSignal
  ): Promise<TensorDetail> {
    const path = `kernels/${encodeURIComponent(kernelId)}/tensors/${encodeURIComponent(tensorId)}`;
    return this._get<TensorDetail>(path, query, signal);
  }

  private async _get<T>(
    path: string,
    query: Record<string, string> = {},
    signal?: AbortSignal
  ): Promise<T> {
    const url =
      URLExt.join(this.settings.baseUrl, 'jupyter_dlkit', path) +
      URLExt.objectToQueryString(query);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        url,
        { method: 'GET', signal },
        this.settings
      );
    } catch (reason) {
      if (signal?.aborted) {
        throw reason;
      }
      throw new ApiError(0, 'no_answer', 'The server does not answer.', '');
    }
    if (!response.ok) {
      throw await ApiError.of(response);
    }
    return (await response.json()) as T;
  }
}
