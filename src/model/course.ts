import { ApiError } from '../api/errors';
import type { Move, MoveRequest } from '../api/types';
import { isOver, restartedError } from './change';

/** A move that was sent, or its undoing. */
export interface IMoving {
  /** What was asked for; of another page's move, what it moves. */
  readonly targets: readonly string[];
  /** Null for one that another page sent, and for an undoing. */
  readonly request: MoveRequest | null;
  /** As last heard of; null until then. */
  readonly move: Move | null;
  /** What it undoes, or null for a move. */
  readonly undoes: Move | null;
  readonly isCancelling: boolean;
  /** Why the last thing asked of it did not happen. */
  readonly error: ApiError | null;
}

/** How the last move ended. */
export interface IMoved {
  readonly targets: readonly string[];
  /** Null when all that is known is the error. */
  readonly move: Move | null;
  readonly error: ApiError | null;
}

/**
 * The course of the moves of one kernel, by what is heard of them: from the
 * answers of the server and from the stream, whichever comes first.
 *
 * What hears says whether the kernel's tensors may have changed by it.
 */
export class Course {
  /** Moves that are queued or running, oldest first. */
  moving: readonly IMoving[] = [];

  moved: IMoved | null = null;

  /** A move was sent, or is heard of for the first time. */
  begin(part: Partial<IMoving>): IMoving {
    const moving: IMoving = {
      targets: [],
      request: null,
      move: null,
      undoes: null,
      isCancelling: false,
      error: null,
      ...part
    };
    this.moving = [...this.moving, moving];
    return moving;
  }

  /** Takes what the stream tells. */
  hear(move: Move): boolean {
    const known =
      this.moving.find(m => m.move?.id === move.id) ??
      this.moving.find(m => m.undoes?.id === move.id);
    if (known !== undefined) {
      return this._advance(known, move);
    }
    if (this.moved?.move?.id === move.id) {
      return this._hearOfTheLast(this.moved, this.moved.move, move);
    }
    if (isOver(move)) {
      return false;
    }
    // The stream is ahead of the answer; or another page sent it.
    const unheard = this.moving.find(
      m => m.move === null && m.request !== null && isFor(m.request, move)
    );
    if (unheard === undefined) {
      this.begin({ targets: move.moved.map(({ name }) => name), move });
      return false;
    }
    return this._advance(unheard, move);
  }

  /** Takes the answer to what was begun with this request, or undoes this. */
  answer(what: MoveRequest | Move, move: Move): boolean {
    const own = this._begunWith(what);
    if (own === undefined) {
      return this.hear(move);
    }
    if (own.undoes !== null && move.state === 'done') {
      this._keep(own, move);
      return false;
    }
    return this._advance(own, move);
  }

  /** Forgets what was begun with this; false when it is over already. */
  withdraw(what: MoveRequest | Move): boolean {
    const own = this._begunWith(what);
    this._drop(own);
    return own !== undefined;
  }

  /** What is known of it changes; nothing when it is over. */
  update(id: string, part: Partial<IMoving>): void {
    this.moving = this.moving.map(other =>
      other.move?.id === id ? { ...other, ...part } : other
    );
  }

  /** Nothing more will be heard of it, for this reason; unless it is over. */
  fail(id: string, error: ApiError): void {
    const moving = this.moving.find(({ move }) => move?.id === id);
    if (moving !== undefined) {
      this._drop(moving);
      this.moved = { targets: moving.targets, move: null, error };
    }
  }

  /** The kernel restarted: what was to be moved is gone. */
  restart(): void {
    const targets = this.moving.flatMap(moving => moving.targets);
    this.moved =
      this.moving.length === 0
        ? null
        : { targets, move: null, error: restartedError() };
    this.moving = [];
  }

  /** Undone from another page; or its undoing failed, which this hears twice. */
  private _hearOfTheLast(moved: IMoved, was: Move, move: Move): boolean {
    if (!isOver(move) || move.state === 'failed') {
      if (was.state === 'done' && move.state === 'failed') {
        this._stands(moved.targets, was, move);
      }
      return false;
    }
    const isNews = move.state !== was.state;
    this.moved = { ...moved, move, error: isNews ? null : moved.error };
    return isNews;
  }

  /** Goes on to what was heard, and never back. */
  private _advance(moving: IMoving, move: Move): boolean {
    const { undoes, targets } = moving;
    if (undoes !== null && move.state === 'done') {
      if (moving.move !== null) {
        this._keep(moving, move);
      } // Else told of the move before its undoing was sent.
      return false;
    }
    if (!isOver(move)) {
      if (!(moving.move?.state === 'running' && move.state === 'queued')) {
        this.moving = this.moving.map(other =>
          other === moving ? { ...moving, move } : other
        );
      }
      return false;
    }
    this._drop(moving);
    if (undoes !== null && move.state !== 'undone') {
      this._stands(targets, undoes, move);
    } else {
      this.moved = { targets, move, error: null };
    }
    return true;
  }

  /** What should have been undone still stands. */
  private _stands(targets: readonly string[], was: Move, move: Move): void {
    const { state, message, hint, can_undo } = move;
    this.moved = {
      targets,
      move: { ...was, can_undo },
      error: new ApiError(0, `undo_${state}`, message ?? '', hint ?? '')
    };
  }

  /** An undoing was cancelled: what it would have undone stands. */
  private _keep(moving: IMoving, move: Move): void {
    this._drop(moving);
    const error = new ApiError(0, 'undo_cancelled', move.message ?? '', '');
    this.moved = { targets: moving.targets, move, error };
  }

  private _begunWith(what: MoveRequest | Move): IMoving | undefined {
    return this.moving.find(m => m.request === what || m.undoes === what);
  }

  private _drop(moving: IMoving | undefined): void {
    this.moving = this.moving.filter(other => other !== moving);
  }
}

/** Whether a move that is heard of can be what this request asked for. */
function isFor({ device, how }: MoveRequest, move: Move): boolean {
  return (
    move.how === how &&
    (move.device === device || move.device.startsWith(`${device}:`))
  );
}
