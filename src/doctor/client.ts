import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from '../api/errors';
import type { Doctor } from './types';

/** What is asked of the server about the health of an environment. */
export interface IDoctorClient {
  /**
   * The last report; starts nothing.  Throws {@link ApiError}.
   *
   * @param kernelId null for the server itself.
   */
  report(kernelId: string | null): Promise<Doctor>;
  /**
   * Starts an examination; throws {@link ApiError}.
   *
   * @param andFiles the installation's files too, which takes a while.
   */
  examine(kernelId: string | null, andFiles: boolean): Promise<Doctor>;
  /** Ends the examination that is on its way; throws {@link ApiError}. */
  cancel(kernelId: string | null): Promise<Doctor>;
}

/** The questions, through the application's own connection. */
export class DoctorClient implements IDoctorClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async report(kernelId: string | null): Promise<Doctor> {
    return ask<Doctor>(this.settings, 'GET', pathOf(kernelId));
  }

  async examine(kernelId: string | null, andFiles: boolean): Promise<Doctor> {
    return ask<Doctor>(
      this.settings,
      'POST',
      pathOf(kernelId),
      andFiles ? { checks: ['integrity'] } : {}
    );
  }

  async cancel(kernelId: string | null): Promise<Doctor> {
    return ask<Doctor>(this.settings, 'DELETE', pathOf(kernelId));
  }
}

/**
 * One request to our part of the server; throws {@link ApiError}, with status 0
 * when no answer came at all.
 */
export async function ask<T>(
  settings: ServerConnection.ISettings,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object
): Promise<T> {
  const url = URLExt.join(settings.baseUrl, 'jupyter_dlkit', path);
  const request = {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  };
  const response = await ServerConnection.makeRequest(
    url,
    request,
    settings
  ).catch(() => {
    throw new ApiError(0, 'no_answer', 'The server does not answer.', '');
  });
  if (!response.ok) {
    throw await ApiError.of(response);
  }
  return (await response.json()) as T;
}

function pathOf(kernelId: string | null): string {
  return kernelId === null
    ? 'doctor'
    : `kernels/${encodeURIComponent(kernelId)}/doctor`;
}
