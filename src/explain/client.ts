import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from '../api/errors';
import type { IExplanationAnswer } from './types';

/** What is asked of the server about errors that happened. */
export interface IExplanationClient {
  /**
   * Why the last cell of a kernel failed; throws {@link ApiError}.
   */
  explanation(
    kernelId: string
  ): Promise<Pick<IExplanationAnswer, 'explanation' | 'memory_error'>>;
  /**
   * Whether the kernel writes a text below the traceback; throws
   * {@link ApiError}.
   */
  writeText(kernelId: string, isWanted: boolean): Promise<void>;
}

/** The question to a kernel, through the application's own connection. */
export class ExplanationClient implements IExplanationClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async explanation(kernelId: string): Promise<IExplanationAnswer> {
    return this._ask(kernelId, {});
  }

  async writeText(kernelId: string, isWanted: boolean): Promise<void> {
    await this._ask(kernelId, {
      method: 'POST',
      body: JSON.stringify({ text: isWanted })
    });
  }

  private async _ask(
    kernelId: string,
    request: RequestInit
  ): Promise<IExplanationAnswer> {
    const url = URLExt.join(
      this.settings.baseUrl,
      'jupyter_dlkit/kernels',
      encodeURIComponent(kernelId),
      'explanation'
    );
    const response = await ServerConnection.makeRequest(
      url,
      request,
      this.settings
    );
    if (!response.ok) {
      throw await ApiError.of(response);
    }
    return (await response.json()) as IExplanationAnswer;
  }
}
