import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChecks } from '../../api/client';
import { ApiError } from '../../api/errors';
import type { Check } from '../../api/types';
import type { TensorsModel } from '../tensors';
import { fewest, operationOf } from './operations';
import { askable } from './question';
import type { IQuestion } from './question';

/** Milliseconds of quiet after which what was typed is checked. */
const TYPING = 200;

/** The most operands that can be chosen at once. */
const MOST = 10;

/**
 * Will these shapes work together?  A question, and its answer as of now: it is
 * asked again when its tensors change, while somebody looks.
 */
export class CheckModel {
  constructor(
    private readonly _client: IChecks,
    private readonly _tensors: TensorsModel,
    private readonly _kernelId: () => string | null
  ) {
    _tensors.changed.connect(this._onTensors, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get question(): IQuestion {
    return this._question;
  }

  /** The answer to the question, or to the one before while it is asked. */
  get answer(): Check | null {
    return this._answer;
  }

  get error(): ApiError | null {
    return this._error;
  }

  get isAsking(): boolean {
    return this._isAsking;
  }

  /** While false, nothing is asked. */
  set isActive(isActive: boolean) {
    if (isActive !== this._isActive) {
      this._isActive = isActive;
      window.clearTimeout(this._timer);
      if (isActive) {
        void this._ask();
      }
    }
  }

  /** Changes part of the question; the answer comes when typing stops. */
  change(part: Partial<IQuestion>): void {
    this._question = { ...this._question, ...part };
    this._changed.emit();
    this._later(TYPING);
  }

  /** Takes another operation, with as many operands as it has. */
  pick(name: string): void {
    const operation = operationOf(name);
    const { operands } = this._question;
    const count = operation.isMany
      ? Math.max(2, operands.filter(Boolean).length)
      : operation.operands.length;
    this.change({
      operation: operation.name,
      operands: resized(operands, count),
      args: {}
    });
  }

  setOperand(index: number, typed: string): void {
    const operands = this._question.operands.slice();
    operands[index] = typed;
    this.change({ operands });
  }

  addOperand(): void {
    this.change({ operands: [...this._question.operands, ''] });
  }

  removeOperand(index: number): void {
    this.change({
      operands: this._question.operands.filter((_, i) => i !== index)
    });
  }

  /** Takes these tensors as the operands, and an operation that has so many. */
  take(expressions: readonly string[]): void {
    const taken = expressions.slice(0, MOST);
    const { operation, kind, operands } = this._question;
    const now = operationOf(operation);
    if (taken.length === 1 && kind === 'operation') {
      // One more, where there is a place for it.
      const free = operands.findIndex(typed => typed.trim() === '');
      this.setOperand(Math.max(free, 0), taken[0]);
      return;
    }
    const fits =
      now.isMany ||
      (fewest(now) <= taken.length && taken.length <= now.operands.length);
    const name = fits
      ? operation
      : taken.length <= 2
        ? 'add'
        : 'broadcast_tensors';
    const count = operationOf(name).isMany
      ? Math.max(2, taken.length)
      : operationOf(name).operands.length;
    this.change({
      kind: 'operation',
      operation: name,
      operands: resized(taken, count),
      args: name === operation ? this._question.args : {}
    });
  }

  private _onTensors(): void {
    const asked = this._asked;
    if (
      asked !== null &&
      this._isActive &&
      this._mark(asked) !== this._marked
    ) {
      this._later(TYPING);
    }
  }

  private _later(delay: number): void {
    window.clearTimeout(this._timer);
    if (this._isActive) {
      this._timer = window.setTimeout(() => void this._ask(), delay);
    }
  }

  private async _ask(): Promise<void> {
    const ask = askable(this._question);
    const ticket = ++this._ticket;
    this._asked = ask === null ? null : ask.expressions;
    if (ask === null) {
      this._tell(null, null, false);
      return;
    }
    const kernelId = this._kernelId();
    if (kernelId === null && ask.expressions.length > 0) {
      const [text] = ask.expressions;
      this._tell(null, new ApiError(0, 'no_kernel', text, ''), false);
      return;
    }
    this._marked = this._mark(ask.expressions);
    this._tell(this._answer, this._error, true);
    try {
      const answer = await this._client.check(
        ask.expressions.length === 0 ? null : kernelId,
        ask.request
      );
      if (ticket === this._ticket) {
        this._tell(answer, null, false);
      }
    } catch (reason) {
      if (ticket === this._ticket) {
        this._tell(null, ApiError.from(reason), false);
      }
    }
  }

  private _tell(
    answer: Check | null,
    error: ApiError | null,
    isAsking: boolean
  ): void {
    this._answer = answer;
    this._error = error;
    this._isAsking = isAsking;
    this._changed.emit();
  }

  /** Differs when the answer may: by the rows, or by the whole list. */
  private _mark(expressions: readonly string[]): string {
    const { table } = this._tensors;
    const c = table.columns;
    return expressions
      .map(expression => {
        const id = this._tensors.find(expression);
        const row = id === null ? undefined : table.row(id);
        return row === undefined
          ? (table.revision ?? '')
          : JSON.stringify([
              c.shape[row],
              c.dtype[row],
              c.device[row],
              c.strides[row],
              c.requires_grad[row]
            ]);
      })
      .concat(this._kernelId() ?? '')
      .join('\n');
  }

  private _answer: Check | null = null;
  /** Expressions of the last question; null when there was nothing to ask. */
  private _asked: readonly string[] | null = null;
  private _changed = new Signal<this, void>(this);
  private _error: ApiError | null = null;
  private _isActive = false;
  private _isAsking = false;
  private _marked = '';
  private _question: IQuestion = {
    kind: 'operation',
    operation: 'add',
    operands: ['', ''],
    args: {},
    source: ''
  };
  private _ticket = 0;
  private _timer = 0;
}

/** As many as asked for: cut, or with empty ones behind. */
function resized(typed: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => typed[i] ?? '');
}
