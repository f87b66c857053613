import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from './errors';
import type {
  Check,
  CheckRequest,
  Deletion,
  DetailQuery,
  Kernel,
  KernelMemory,
  MemoryQuery,
  Move,
  MoveRequest,
  Release,
  ReleaseRequest,
  Status,
  TensorDetail
} from './types';

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

/** What the model of moves and deletions asks of the server. */
export interface IChanges {
  /**
   * Moves, or with `dry_run` says what would happen; throws {@link ApiError}
   * (400: no such device; 404: names nothing; 409: stale or refused).
   */
  move(kernelId: string, request: MoveRequest): Promise<Move>;
  /** How a move, a deletion or a release went, or goes; throws {@link ApiError}. */
  change(
    kernelId: string,
    changeId: string
  ): Promise<Move | Deletion | Release>;
  /** Takes it back while it is queued; throws {@link ApiError} (409: begun). */
  cancel(
    kernelId: string,
    changeId: string
  ): Promise<Move | Deletion | Release>;
  /** Puts everything back; throws {@link ApiError}. */
  undo(kernelId: string, moveId: string): Promise<Move>;
  /**
   * Deletes the names of a tensor; throws {@link ApiError} (409: another object
   * now).
   */
  deleteTensor(
    kernelId: string,
    tensorId: string,
    path: string
  ): Promise<Deletion>;
}

/** What the models of memory ask of the server. */
export interface IMemories {
  /** Who owns every byte; throws {@link ApiError} (504: no answer in time). */
  memory(
    kernelId: string,
    query: MemoryQuery,
    signal?: AbortSignal
  ): Promise<KernelMemory>;
  /**
   * Releases memory, or with `dry_run` says what would be free; throws
   * {@link ApiError} (404: nothing there by that name).
   */
  release(kernelId: string, request: ReleaseRequest): Promise<Release>;
}

/** What the checker of shapes asks of the server. */
export interface IChecks {
  /**
   * Whether an operation runs on its operands; throws {@link ApiError} (400: in
   * words, what of the question is wrong; 404: no such tensor).
   *
   * @param kernelId null for a question that needs no kernel.
   */
  check(kernelId: string | null, request: CheckRequest): Promise<Check>;
}

/** The REST half of the API, through the application's own connection. */
export class Client implements IClient, IChanges, IChecks, IMemories {
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
    return this._get<TensorDetail>(
      pathOf(kernelId, 'tensors', tensorId),
      query,
      signal
    );
  }

  async move(kernelId: string, request: MoveRequest): Promise<Move> {
    return this._ask<Move>('POST', pathOf(kernelId, 'moves'), {
      body: request
    });
  }

  async change(
    kernelId: string,
    changeId: string
  ): Promise<Move | Deletion | Release> {
    return this._get<Move | Deletion>(pathOf(kernelId, 'moves', changeId));
  }

  async cancel(
    kernelId: string,
    changeId: string
  ): Promise<Move | Deletion | Release> {
    return this._ask<Move | Deletion>(
      'DELETE',
      pathOf(kernelId, 'moves', changeId)
    );
  }

  async undo(kernelId: string, moveId: string): Promise<Move> {
    return this._ask<Move>('POST', pathOf(kernelId, 'moves', moveId, 'undo'));
  }

  async deleteTensor(
    kernelId: string,
    tensorId: string,
    path: string
  ): Promise<Deletion> {
    return this._ask<Deletion>(
      'DELETE',
      pathOf(kernelId, 'tensors', tensorId),
      { query: { path } }
    );
  }

  async check(kernelId: string | null, request: CheckRequest): Promise<Check> {
    const path = kernelId === null ? 'check' : pathOf(kernelId, 'check');
    return this._ask<Check>('POST', path, { body: request });
  }

  async memory(
    kernelId: string,
    query: MemoryQuery,
    signal?: AbortSignal
  ): Promise<KernelMemory> {
    const given = Object.entries(query).map(([key, value]) => [
      key,
      String(value)
    ]);
    return this._get<KernelMemory>(
      pathOf(kernelId, 'memory'),
      Object.fromEntries(given) as Record<string, string>,
      signal
    );
  }

  async release(kernelId: string, request: ReleaseRequest): Promise<Release> {
    return this._ask<Release>('POST', pathOf(kernelId, 'release'), {
      body: request
    });
  }

  private async _get<T>(
    path: string,
    query?: Record<string, string>,
    signal?: AbortSignal
  ): Promise<T> {
    return this._ask<T>('GET', path, { query, signal });
  }

  private async _ask<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { query = {}, body, signal }: IAsked = {}
  ): Promise<T> {
    const url =
      URLExt.join(this.settings.baseUrl, 'jupyter_dlkit', path) +
      URLExt.objectToQueryString(query);
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(
        url,
        {
          method,
          signal,
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        },
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

interface IAsked {
  query?: Record<string, string>;
  body?: object;
  signal?: AbortSignal;
}

/** The path of something of a kernel. */
function pathOf(kernelId: string, ...parts: string[]): string {
  return ['kernels', ...[kernelId, ...parts].map(encodeURIComponent)].join('/');
}
