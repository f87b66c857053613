import type { ServerConnection } from '@jupyterlab/services';
import { ask } from '../client';
import type { Idle, IdleKernel, IdleRequest } from '../types';

/** What is asked of the server about accelerators that nobody uses. */
export interface IIdleClient {
  /** What is set, and what was found; throws {@link ApiError}. */
  idle(): Promise<Idle>;
  /** What the user wants to be told; throws {@link ApiError} (403). */
  wish(request: IdleRequest): Promise<Idle>;
  /** Nothing more until then; throws {@link ApiError} (403). */
  notToday(until: Date): Promise<Idle>;
  /** These kernels as they are now; throws {@link ApiError} (403). */
  kernels(ids: readonly string[]): Promise<IdleKernel[]>;
}

/** The questions, through the application's own connection. */
export class IdleClient implements IIdleClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async idle(): Promise<Idle> {
    return ask<Idle>(this.settings, 'GET', 'idle');
  }

  async wish(request: IdleRequest): Promise<Idle> {
    return ask<Idle>(this.settings, 'PUT', 'idle', request);
  }

  async notToday(until: Date): Promise<Idle> {
    return ask<Idle>(this.settings, 'POST', 'idle/not-today', {
      until: until.toISOString()
    });
  }

  async kernels(ids: readonly string[]): Promise<IdleKernel[]> {
    const { kernels } = await ask<{ kernels: IdleKernel[] }>(
      this.settings,
      'POST',
      'idle/kernels',
      { kernel_ids: ids }
    );
    return kernels;
  }
}
