import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChecks } from '../api/client';
import { ApiError } from '../api/errors';
import type { Check } from '../api/types';
import type { IFinding } from './types';

/** What is known of the shapes in a cell. */
export type CellState =
  | { readonly what: 'checking' }
  | { readonly what: 'found'; readonly findings: readonly IFinding[] }
  | { readonly what: 'failed'; readonly error: ApiError };

/** One check of one cell: asked, then answered, unless it is given up. */
export class CellCheckModel {
  constructor(private readonly _server: IChecks) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): CellState {
    return this._state;
  }

  /** Asks; the answer to an earlier question is not heard. */
  async check(kernelId: string, source: string): Promise<void> {
    const question = {};
    this._question = question;
    this._tell({ what: 'checking' });
    const state = await this._server
      .check(kernelId, { source, kind: 'cell' })
      .then(stateOf, failed);
    if (this._question === question) {
      this._tell(state);
    }
  }

  /** Says that nothing could be asked. */
  refuse(error: ApiError): void {
    this.giveUp();
    this._tell({ what: 'failed', error });
  }

  /** Whatever the answer is, nobody wants it any more. */
  giveUp(): void {
    this._question = null;
  }

  private _tell(state: CellState): void {
    this._state = state;
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _question: object | null = null;
  private _state: CellState = { what: 'checking' };
}

function failed(reason: unknown): CellState {
  return { what: 'failed', error: ApiError.from(reason) };
}

function stateOf({ findings = [], undetermined }: Check): CellState {
  if (undetermined !== undefined && undetermined !== null) {
    // It cannot be parsed.
    return {
      what: 'failed',
      error: new ApiError(0, 'unparsed', undetermined, '')
    };
  }
  // As a reader meets them.
  const inOrder = [...findings].sort(
    (one, other) => one.line - other.line || one.column - other.column
  );
  return { what: 'found', findings: inOrder };
}
