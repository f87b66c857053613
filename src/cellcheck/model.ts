import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { ICellClient } from './client';
import type { IFinding } from './types';

/** What is known of the shapes in a cell. */
export type CellState =
  | { readonly what: 'checking' }
  | { readonly what: 'found'; readonly findings: readonly IFinding[] }
  | { readonly what: 'failed'; readonly error: ApiError };

/** One check of one cell: asked, then answered, unless it is given up. */
export class CellCheckModel {
  constructor(private readonly _client: ICellClient) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): CellState {
    return this._state;
  }

  /** Asks; an earlier question is forgotten. */
  async check(kernelId: string, source: string): Promise<void> {
    this.giveUp();
    const question = new AbortController();
    this._question = question;
    this._tell({ what: 'checking' });
    try {
      const { findings = [] } = await this._client.checkCell(
        kernelId,
        source,
        question.signal
      );
      if (!question.signal.aborted) {
        this._tell({ what: 'found', findings: inOrder(findings) });
      }
    } catch (reason) {
      if (!question.signal.aborted) {
        this._tell({ what: 'failed', error: ApiError.from(reason) });
      }
    }
  }

  /** Says that nothing could be asked. */
  refuse(error: ApiError): void {
    this.giveUp();
    this._tell({ what: 'failed', error });
  }

  /** Whatever the answer is, nobody wants it any more. */
  giveUp(): void {
    this._question?.abort();
    this._question = null;
  }

  private _tell(state: CellState): void {
    this._state = state;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _question: AbortController | null = null;
  private _state: CellState = { what: 'checking' };
}

/** As a reader meets them. */
function inOrder(findings: readonly IFinding[]): IFinding[] {
  return [...findings].sort(
    (one, other) => one.line - other.line || one.column - other.column
  );
}
