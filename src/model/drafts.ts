import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges } from '../api/client';
import { ApiError } from '../api/errors';
import type { Alternative, Move, MoveRequest } from '../api/types';
import { PerKernel } from './perkernel';
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

/** The move that a person thinks about, of each kernel, with its preview. */
export class DraftsModel {
  constructor(
    private readonly _client: IChanges,
    private readonly _tensors: TensorsModel,
    private readonly _settings: Settings,
    kernelId: () => string | null
  ) {
    this._states = new PerKernel<{ draft: IDraft | null }>(
      () => ({ draft: null }),
      kernelId
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The draft is of a kind that its person does not want to be asked about. */
  get agreed(): ISignal<this, void> {
    return this._agreed;
  }

  get current(): IDraft | null {
    return this._states.here?.state.draft ?? null;
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

  /** Adds something that would stay behind. */
  async include(path: string): Promise<void> {
    await this._change(({ targets }) => ({ targets: [...targets, path] }));
  }

  async leaveOut(path: string): Promise<void> {
    await this._change(({ targets }) => ({
      targets: targets.filter(target => pathOf(target) !== path)
    }));
  }

  /** Also what is refused because a live graph saved it. */
  async force(): Promise<void> {
    await this._change(() => ({ force: true }));
  }

  /** Asks the same again, of the objects that have the names by now. */
  async again(): Promise<void> {
    await this._change(({ targets }) => ({
      targets: renewed(this._tensors, targets)
    }));
  }

  /**
   * Does something else about a refused tensor: another target in its place, or
   * this tensor alone by a copy or a rebind.
   */
  async instead(refused: string, { how, path }: Alternative): Promise<void> {
    const { current } = this;
    if (current === null) {
      return;
    }
    const { request, back } = current;
    const rest = request.targets.filter(
      target => pathOf(target) !== refused && pathOf(target) !== path
    );
    await this._preview(
      how === 'move'
        ? { ...request, targets: [...rest, path] }
        : { ...request, how, targets: [path] },
      how === 'move' || rest.length === 0 ? back : request
    );
  }

  /** Leaves the draft; from an alternative, back to what it was one to. */
  async leave(): Promise<void> {
    const { current } = this;
    if (current === null) {
      return;
    }
    this._asked++;
    if (current.back !== null) {
      await this._preview(current.back);
    } else {
      this._clear();
    }
  }

  /** Takes the draft away, to be sent; null while there is nothing to send. */
  take(): IDraft | null {
    const { current } = this;
    if (current === null || current.preview === null) {
      return null;
    }
    this._clear();
    return current;
  }

  /**
   * Puts it back as it was, with what went wrong: nothing has to be done again.
   * False when there is another one by now.
   */
  putBack(kernelId: string, draft: IDraft, error: ApiError): boolean {
    const state = this._states.of(kernelId);
    if (state.draft !== null) {
      return false;
    }
    state.draft = { ...draft, error };
    this._changed.emit();
    return true;
  }

  /** The kernel restarted: there is nothing left to move. */
  restarted(): void {
    this._asked++;
    this._clear();
  }

  private _clear(): void {
    const { here } = this._states;
    if (here !== null) {
      here.state.draft = null;
      this._changed.emit();
    }
  }

  private async _change(
    part: (request: MoveRequest) => Partial<MoveRequest>
  ): Promise<void> {
    const { current } = this;
    if (current !== null) {
      const { request, back } = current;
      await this._preview({ ...request, ...part(request) }, back);
    }
  }

  private async _preview(
    asked: MoveRequest,
    back: MoveRequest | null = null
  ): Promise<void> {
    const { here } = this._states;
    if (here === null) {
      return;
    }
    const { kernelId, state } = here;
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
    let preview: Move | null = null;
    let error: ApiError | null = null;
    try {
      preview = await this._ask(kernelId, request);
    } catch (reason) {
      error = ApiError.from(reason);
    }
    if (ticket !== this._asked) {
      return;
    }
    state.draft = { ...draft, preview, isAsking: false, error };
    const isAgreed =
      preview !== null &&
      this.current === state.draft &&
      !this._settings.values.previewEveryMove &&
      isTrivial(preview);
    (isAgreed ? this._agreed : this._changed).emit();
  }

  private async _ask(kernelId: string, request: MoveRequest): Promise<Move> {
    if (request.targets.length > MOST) {
      throw new ApiError(
        0,
        'too_many',
        `More than ${MOST} things cannot be moved at once.`,
        ''
      );
    }
    return this._client.move(kernelId, request);
  }

  private _agreed = new Signal<this, void>(this);
  /** Of the last preview that was asked for: older answers are not wanted. */
  private _asked = 0;
  private _changed = new Signal<this, void>(this);
  private _states: PerKernel<{ draft: IDraft | null }>;
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
