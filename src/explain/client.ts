import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ApiError } from '../api/errors';
import type { IExplanation } from './types';

/** What is asked of the server about errors that happened. */
export interface IExplanationClient {
  /**
   * Why the last cell of a kernel failed, or null when nothing is known of it;
   * throws {@link ApiError}.
   */
  explanation(kernelId: string): Promise<IExplanation | null>;
}

/** The question to a kernel, through the application's own connection. */
export class ExplanationClient implements IExplanationClient {
  constructor(readonly settings: ServerConnection.ISettings) {}

  async explanation(kernelId: string): Promise<IExplanation | null> {
    const url = URLExt.join(
      this.settings.baseUrl,
      'jupyter_dlkit/kernels',
      encodeURIComponent(kernelId),
      'explanation'
    );
    const response = await ServerConnection.makeRequest(url, {}, this.settings);
    if (!response.ok) {
      throw await ApiError.of(response);
    }
    const answer = (await response.json()) as {
      explanation: IExplanation | null;
    };
    return answer.explanation;
  }
}
