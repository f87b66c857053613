import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IExplanationClient } from './client';
import type { IExplanation, IMemoryError } from './types';

/** A cell that has failed. */
export interface IFailedCell {
  readonly kernelId: string;
  /** Id of the cell; null in a console. */
  readonly cellId: string | null;
  /** What was run; null where it is not known. */
  readonly source: string | null;
  readonly executionCount: number | null;
}

/** An explanation, and the line that it is about. */
export interface IExplained {
  readonly kind: 'tensors';
  readonly explanation: IExplanation;
  /** The user's line, without what is around it; null where it is not known. */
  readonly code: string | null;
}

/** The memory did not suffice. */
export interface IOutOfMemory {
  readonly kind: 'memory';
  readonly error: IMemoryError;
  /** When it was heard of, as `performance.now()`. */
  readonly since: number;
}

/** What can be given back still, the exception first: it keeps what did not fit. */
export function releasableNow(
  { error, since }: IOutOfMemory,
  isDoneSince: (what: string, moment: number) => boolean
): IMemoryError['releasable'] {
  const isFirst = ({ what }: { what: string }): number =>
    Number(what === 'last_exception');
  return error.releasable
    .filter(({ what }) => !isDoneSince(what, since))
    .sort((one, other) => isFirst(other) - isFirst(one));
}

/** Keeps why the last cell of each kernel failed, until it matters no more. */
export class ExplanationModel {
  /** @param isWanted whether the user wants errors explained. */
  constructor(
    private readonly _client: Pick<IExplanationClient, 'explanation'>,
    private readonly _isWanted: () => boolean,
    private readonly _clock: () => number = () => performance.now()
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Why the last cell of a kernel failed, or null. */
  of(kernelId: string | null): IExplained | IOutOfMemory | null {
    return (
      (kernelId !== null && this._isWanted()
        ? this._known.get(kernelId)?.explained
        : null) ?? null
    );
  }

  /** A cell failed: asks why. */
  async failed(cell: IFailedCell): Promise<void> {
    const { kernelId } = cell;
    this.forget(kernelId);
    if (!this._isWanted()) {
      return;
    }
    const question = {};
    this._asked.set(kernelId, question);
    const answer = await this._client
      .explanation(kernelId)
      // Nobody has asked for it: that it cannot be had is no news.
      .catch(() => null);
    if (this._asked.get(kernelId) !== question) {
      return;
    }
    this._asked.delete(kernelId);
    const { explanation = null, memory_error: error = null } = answer ?? {};
    const explained: IExplained | IOutOfMemory | null =
      error !== null && isAbout(error, cell)
        ? { kind: 'memory', error, since: this._clock() }
        : explanation !== null && isAbout(explanation, cell)
          ? {
              kind: 'tensors',
              explanation,
              code: lineOf(cell.source, explanation)
            }
          : null;
    if (explained !== null) {
      this._known.set(kernelId, { cell, explained });
      this._changed.emit();
    }
  }

  /** A cell ran without an error: what was said of it is history. */
  succeeded(kernelId: string, cellId: string): void {
    if (this._known.get(kernelId)?.cell.cellId === cellId) {
      this.forget(kernelId);
    }
  }

  /** The user has read it, or the kernel has restarted. */
  forget(kernelId: string): void {
    this._asked.delete(kernelId);
    if (this._known.delete(kernelId)) {
      this._changed.emit();
    }
  }

  private _asked = new Map<string, object>();
  private _changed = new Signal<this, void>(this);
  private _known = new Map<
    string,
    { cell: IFailedCell; explained: IExplained | IOutOfMemory }
  >();
}

/** Another cell may have failed since, or nothing was said of this one. */
function isAbout(
  { execution_count }: IExplanation | IMemoryError,
  cell: IFailedCell
): boolean {
  return (
    execution_count === null ||
    cell.executionCount === null ||
    execution_count === cell.executionCount
  );
}

function lineOf(
  source: string | null,
  { line, where }: IExplanation
): string | null {
  return where === null
    ? (source?.split(/\r\n|\r|\n/)[line - 1]?.trim() ?? null)
    : null;
}
