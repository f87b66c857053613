import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges } from '../api/client';
import { ApiError } from '../api/errors';
import type { Alternative, Deletion, Move, MoveRequest } from '../api/types';
import type { Settings } from './settings';
import { MOST, pathOf, renewed } from './targets';
import type { Target } from './targets';
import type { TensorsModel } from './tensors';

/** A move that a person thinks about. */
export interface IDraft {
  readonly request: MoveRequest;
  /** What would happen, as last answered; null until then. */
  readonly preview: Move | null;
  readonly isAsking: boolean;
  readonly error: ApiError | null;
  /** The request that this one is an alternative to, or null. */
  readonly back: MoveRequest | null;
}

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

/** What is known of the moves of one kernel. */
interface IState {
  draft: IDraft | null;
  moving: readonly IMoving[];
  moved: IMoved | null;
}

/**
 * Moving between devices: a draft with its preview, moves under way, and how
 * the last one ended; of the current kernel, and kept for the others.
 *
 * It is fed by the answers of the server and by the stream's `move` messages,
 * whichever comes first.
 */
export class MovesModel {
  constructor(
    private readonly _client: IChanges,
    private readonly _tensors: TensorsModel,
    private readonly _settings: Settings,
    private readonly _kernelId: () => string | null
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A move changed the kernel's tensors. */
  get settled(): ISignal<this, void> {
    return this._settled;
  }

  get draft(): IDraft | null {
    return this._current?.draft ?? null;
  }

  /** Moves that are queued or running, oldest first. */
  get moving(): readonly IMoving[] {
    return this._current?.moving ?? [];
  }

  get moved(): IMoved | null {
    return this._current?.moved ?? null;
  }

  /** Asks what a move to a device would do. */
  async propose(targets: readonly Target[], device: string): Promise<void> {
    await this._preview({
      targets: targets.slice(),
      device,
      how: 'move',
      force: false,
      dry_run: true
    });
  }

  /** Adds something that would stay behind to the draft. */
  async include(path: string): Promise<void> {
    const { draft } = this;
    if (draft !== null) {
      const targets = [...draft.request.targets, path];
      await this._preview({ ...draft.request, targets }, draft.back);
    }
  }

  /** Takes a target out of the draft. */
  async leaveOut(path: string): Promise<void> {
    const { draft } = this;
    if (draft !== null) {
      const targets = draft.request.targets.filter(t => pathOf(t) !== path);
      await this._preview({ ...draft.request, targets }, draft.back);
    }
  }

  /** Also what is refused because a live graph saved it. */
  async force(): Promise<void> {
    const { draft } = this;
    if (draft !== null) {
      await this._preview({ ...draft.request, force: true }, draft.back);
    }
  }

  /**
   * Does something else about a refused tensor: another target in its place, or
   * this tensor alone by a copy or a rebind.
   */
  async instead(refused: string, { how, path }: Alternative): Promise<void> {
    const { draft } = this;
    if (draft === null) {
      return;
    }
    const { request } = draft;
    const rest = request.targets.filter(
      target => pathOf(target) !== refused && pathOf(target) !== path
    );
    await this._preview(
      how === 'move'
        ? { ...request, targets: [...rest, path] }
        : { ...request, how, targets: [path] },
      how === 'move' || rest.length === 0 ? draft.back : request
    );
  }

  /** Asks the same again, of the objects that have the names by now. */
  async again(): Promise<void> {
    const { draft } = this;
    if (draft !== null) {
      const targets = renewed(this._tensors, draft.request.targets);
      await this._preview({ ...draft.request, targets }, draft.back);
    }
  }

  /** Leaves the draft; from an alternative, back to what it was one to. */
  async leave(): Promise<void> {
    const { draft } = this;
    const state = this._current;
    if (draft === null || state === null) {
      return;
    }
    this._asked++;
    if (draft.back !== null) {
      await this._preview(draft.back);
    } else {
      state.draft = null;
      this._changed.emit();
    }
  }

  /** Does what the draft says. */
  async confirm(): Promise<void> {
    const state = this._current;
    const draft = state?.draft;
    const kernelId = this._kernelId();
    if (!state || !draft || kernelId === null || draft.preview === null) {
      return;
    }
    const request = { ...draft.request, dry_run: false };
    const targets = request.targets.map(pathOf);
    const moving = start({ request, targets });
    state.draft = null;
    state.moving = [...state.moving, moving];
    this._changed.emit();
    await this._send(
      state,
      request,
      () => this._client.move(kernelId, request),
      {
        failed: error => {
          if (state.draft === null) {
            // As it was, with what went wrong: nothing has to be done again.
            state.draft = { ...draft, error };
          } else {
            state.moved = { targets, move: null, error };
          }
        }
      }
    );
  }

  /** Puts back what the last move moved. */
  async undo(): Promise<void> {
    const state = this._current;
    const kernelId = this._kernelId();
    const moved = state?.moved;
    const id = moved?.move?.id;
    if (!state || kernelId === null || !moved?.move || !id) {
      return;
    }
    const undone = moved.move;
    state.moved = null;
    const { targets } = moved;
    state.moving = [...state.moving, start({ targets, undoes: undone })];
    this._changed.emit();
    await this._send(state, undone, () => this._client.undo(kernelId, id), {
      failed: error => {
        state.moved = { ...moved, error };
      }
    });
  }

  /** Takes a move back that has not begun. */
  async cancel(moving: IMoving): Promise<void> {
    const state = this._current;
    const kernelId = this._kernelId();
    const id = moving.move?.id;
    if (!state || kernelId === null || !id) {
      return;
    }
    this._replace(state, moving, {
      ...moving,
      isCancelling: true,
      error: null
    });
    try {
      this._take(state, (await this._client.cancel(kernelId, id)) as Move);
    } catch (reason) {
      const now = state.moving.find(({ move }) => move?.id === id);
      if (now !== undefined) {
        const error = ApiError.from(reason);
        this._replace(state, now, { ...now, isCancelling: false, error });
      }
    }
  }

  /** Puts the result away. */
  dismiss(): void {
    const state = this._current;
    if (state !== null) {
      state.moved = null;
      this._changed.emit();
    }
  }

  /** Takes what the stream tells of a move. */
  apply(kernelId: string, move: Move): void {
    this._take(this._stateOf(kernelId), move);
  }

  /** Asks for what may have been missed while nothing came from the stream. */
  async look(): Promise<void> {
    const state = this._current;
    const kernelId = this._kernelId();
    if (state === null || kernelId === null) {
      return;
    }
    for (const moving of state.moving) {
      const id = moving.move?.id;
      if (id) {
        try {
          this._take(state, (await this._client.change(kernelId, id)) as Move);
        } catch (reason) {
          const error = ApiError.from(reason);
          if (error.status !== 0 && error.status !== 504) {
            this._fail(state, moving, error);
          }
        }
      }
    }
  }

  /** The kernel restarted: what was to be moved is gone. */
  restarted(): void {
    const state = this._current;
    if (state !== null) {
      this._asked++;
      state.draft = null;
      state.moved = null;
      for (const moving of state.moving) {
        this._fail(
          state,
          moving,
          new ApiError(
            0,
            'kernel_restarted',
            'The kernel restarted before this was done.',
            ''
          )
        );
      }
      this._changed.emit();
    }
  }

  private async _preview(
    asked: MoveRequest,
    back: MoveRequest | null = null
  ): Promise<void> {
    const kernelId = this._kernelId();
    if (kernelId === null) {
      return;
    }
    const state = this._stateOf(kernelId);
    const ticket = ++this._asked;
    const request = { ...asked, dry_run: true };
    const before = state.draft;
    const draft: IDraft = {
      request,
      // What is on the screen stands until the answer comes.
      preview:
        before?.request.device === request.device ? before.preview : null,
      isAsking: true,
      error: null,
      back
    };
    state.draft = draft;
    this._changed.emit();
    try {
      if (request.targets.length > MOST) {
        throw new ApiError(
          0,
          'too_many',
          `More than ${MOST} things cannot be moved at once.`,
          ''
        );
      }
      const preview = await this._client.move(kernelId, request);
      if (ticket === this._asked) {
        state.draft = { ...draft, preview, isAsking: false };
        if (!this._settings.values.previewEveryMove && isTrivial(preview)) {
          await this.confirm();
          return;
        }
      }
    } catch (reason) {
      if (ticket === this._asked) {
        state.draft = {
          ...draft,
          preview: null,
          isAsking: false,
          error: ApiError.from(reason)
        };
      }
    }
    this._changed.emit();
  }

  /** Sends, and takes the answer for the move that was begun last. */
  private async _send(
    state: IState,
    what: MoveRequest | Move,
    send: () => Promise<Move>,
    { failed }: { failed: (error: ApiError) => void }
  ): Promise<void> {
    const own = (): IMoving | undefined =>
      state.moving.find(m => m.request === what || m.undoes === what);
    try {
      const move = await send();
      const moving = own();
      if (moving === undefined) {
        this._take(state, move);
      } else if (moving.undoes !== null && move.state === 'done') {
        this._keep(state, moving, move);
      } else {
        this._advance(state, moving, move);
      }
    } catch (reason) {
      const moving = own();
      if (moving !== undefined) {
        state.moving = state.moving.filter(other => other !== moving);
        failed(ApiError.from(reason));
        this._changed.emit();
      }
    }
  }

  private _take(state: IState, move: Move): void {
    const { moving, moved } = state;
    const known =
      moving.find(m => m.move?.id === move.id) ??
      moving.find(m => m.undoes?.id === move.id);
    if (known !== undefined) {
      this._advance(state, known, move);
    } else if (moved?.move?.id === move.id) {
      // Undone from another page, or by now it cannot be undone.
      if (isOver(move)) {
        const isNews = move.state !== moved.move.state;
        state.moved = { ...moved, move, error: isNews ? null : moved.error };
        if (isNews) {
          this._settled.emit();
        }
      }
    } else if (!isOver(move)) {
      // The stream is ahead of the answer; or another page sent it.
      const unheard = moving.find(
        m => m.move === null && m.request !== null && isFor(m.request, move)
      );
      if (unheard === undefined) {
        const targets = move.moved.map(({ name }) => name);
        state.moving = [...moving, start({ targets, move })];
      } else {
        this._advance(state, unheard, move);
      }
    }
    this._changed.emit();
  }

  /** Goes on to what was heard, and never back. */
  private _advance(state: IState, moving: IMoving, move: Move): void {
    const { undoes } = moving;
    if (undoes !== null && move.state === 'done') {
      if (moving.move !== null) {
        this._keep(state, moving, move);
      } // Else told of the move before its undoing was sent.
      return;
    }
    if (!isOver(move)) {
      if (!(moving.move?.state === 'running' && move.state === 'queued')) {
        this._replace(state, moving, { ...moving, move });
      }
      return;
    }
    state.moving = state.moving.filter(other => other !== moving);
    const { targets } = moving;
    if (undoes !== null && move.state !== 'undone') {
      // It still stands.
      const error = new ApiError(
        0,
        `undo_${move.state}`,
        move.message ?? '',
        move.hint ?? ''
      );
      const { can_undo } = move;
      state.moved = { targets, move: { ...undoes, can_undo }, error };
    } else {
      state.moved = { targets, move, error: null };
    }
    this._changed.emit();
    this._settled.emit();
  }

  /** An undoing was cancelled: what it would have undone stands. */
  private _keep(state: IState, moving: IMoving, move: Move): void {
    state.moving = state.moving.filter(other => other !== moving);
    const error = new ApiError(0, 'undo_cancelled', move.message ?? '', '');
    state.moved = { targets: moving.targets, move, error };
    this._changed.emit();
  }

  private _fail(state: IState, moving: IMoving, error: ApiError): void {
    state.moving = state.moving.filter(other => other !== moving);
    state.moved = { targets: moving.targets, move: null, error };
    this._changed.emit();
  }

  private _replace(state: IState, old: IMoving, now: IMoving): void {
    state.moving = state.moving.map(other => (other === old ? now : other));
    this._changed.emit();
  }

  private get _current(): IState | null {
    const kernelId = this._kernelId();
    return kernelId === null ? null : this._stateOf(kernelId);
  }

  private _stateOf(kernelId: string): IState {
    let state = this._states.get(kernelId);
    if (state === undefined) {
      state = { draft: null, moving: [], moved: null };
      this._states.set(kernelId, state);
    }
    return state;
  }

  /** Of the last preview that was asked for: older answers are not wanted. */
  private _asked = 0;
  private _changed = new Signal<this, void>(this);
  private _settled = new Signal<this, void>(this);
  private _states = new Map<string, IState>();
}

/** One plain tensor, and nothing that a person should know before. */
export function isTrivial(preview: Move): boolean {
  const [tensor] = preview.moved;
  return (
    preview.how === 'move' &&
    preview.moved.length === 1 &&
    tensor.aliases.length === 0 &&
    tensor.shares.length === 0 &&
    preview.refused.length === 0 &&
    preview.left_behind.length === 0 &&
    preview.warnings.length === 0 &&
    preview.undo_loses.length === 0 &&
    preview.fit === null &&
    (preview.free === null || preview.total_bytes <= preview.free)
  );
}

export function isOver({ state }: Move | Deletion): boolean {
  return state !== 'queued' && state !== 'running';
}

/** Whether a move that is heard of can be what this request asked for. */
function isFor({ device, how }: MoveRequest, move: Move): boolean {
  return (
    move.how === how &&
    (move.device === device || move.device.startsWith(`${device}:`))
  );
}

function start(part: Partial<IMoving>): IMoving {
  return {
    targets: [],
    request: null,
    move: null,
    undoes: null,
    isCancelling: false,
    error: null,
    ...part
  };
}
