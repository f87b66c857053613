import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges } from '../api/client';
import { ApiError } from '../api/errors';
import type { Move, MoveRequest } from '../api/types';
import { askAgain } from './change';
import { Course } from './course';
import type { IMoved, IMoving } from './course';
import { DraftsModel } from './drafts';
import { PerKernel } from './perkernel';
import type { Settings } from './settings';
import { pathOf } from './targets';
import type { TensorsModel } from './tensors';

/**
 * Moving between devices: a draft with its preview, moves under way, and how
 * the last one ended; of the current kernel, and kept for the others.
 */
export class MovesModel {
  constructor(
    private readonly _client: IChanges,
    tensors: TensorsModel,
    settings: Settings,
    kernelId: () => string | null
  ) {
    this._courses = new PerKernel(() => new Course(), kernelId);
    this.drafts = new DraftsModel(_client, tensors, settings, kernelId);
    this.drafts.changed.connect(() => this._changed.emit());
    this.drafts.agreed.connect(() => void this.confirm());
  }

  /** Drafts included. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A move changed the kernel's tensors. */
  get settled(): ISignal<this, void> {
    return this._settled;
  }

  readonly drafts: DraftsModel;

  /** Moves that are queued or running, oldest first. */
  get moving(): readonly IMoving[] {
    return this._courses.here?.state.moving ?? [];
  }

  get moved(): IMoved | null {
    return this._courses.here?.state.moved ?? null;
  }

  /** Does what the draft says. */
  async confirm(): Promise<void> {
    const { here } = this._courses;
    const draft = here === null ? null : this.drafts.take();
    if (here === null || draft === null) {
      return;
    }
    const { kernelId, state: course } = here;
    const request = { ...draft.request, dry_run: false };
    const targets = request.targets.map(pathOf);
    const { moved } = course;
    // Only the last move can be undone, and this one will be it.
    course.moved = null;
    course.begin({ request, targets });
    await this._send(
      course,
      request,
      () => this._client.move(kernelId, request),
      error => {
        course.moved ??= moved;
        if (!this.drafts.putBack(kernelId, draft, error)) {
          course.moved = { targets, move: null, error };
        }
      }
    );
  }

  /** Puts back what the last move moved. */
  async undo(): Promise<void> {
    const { here } = this._courses;
    const moved = here?.state.moved;
    const id = moved?.move?.id;
    if (!here || !moved?.move || !id) {
      return;
    }
    const { kernelId, state: course } = here;
    course.moved = null;
    course.begin({ targets: moved.targets, undoes: moved.move });
    await this._send(
      course,
      moved.move,
      () => this._client.undo(kernelId, id),
      error => {
        course.moved = { ...moved, error };
      }
    );
  }

  /** Takes a move back that has not begun. */
  async cancel(moving: IMoving): Promise<void> {
    const { here } = this._courses;
    const id = moving.move?.id;
    if (here === null || !id || moving.isCancelling) {
      return;
    }
    const { kernelId, state: course } = here;
    course.update(id, { isCancelling: true, error: null });
    this._changed.emit();
    try {
      this._take(course, (await this._client.cancel(kernelId, id)) as Move);
    } catch (reason) {
      const error = ApiError.from(reason);
      course.update(id, { isCancelling: false, error });
      this._changed.emit();
    }
  }

  /** Puts the result away. */
  dismiss(): void {
    const { here } = this._courses;
    if (here !== null) {
      here.state.moved = null;
      this._changed.emit();
    }
  }

  /** Takes what the stream tells of a move. */
  apply(kernelId: string, move: Move): void {
    this._take(this._courses.of(kernelId), move);
  }

  /** Asks for what may have been missed while nothing came from the stream. */
  async look(): Promise<void> {
    const { here } = this._courses;
    if (here === null) {
      return;
    }
    const { kernelId, state: course } = here;
    for (const { move } of course.moving) {
      const id = move?.id;
      const now = id ? await askAgain<Move>(this._client, kernelId, id) : null;
      if (now instanceof ApiError) {
        course.fail(id!, now);
        this._changed.emit();
      } else if (now !== null) {
        this._take(course, now);
      }
    }
  }

  /** The kernel restarted: what was to be moved is gone. */
  restarted(): void {
    this._courses.here?.state.restart();
    this.drafts.restarted();
    this._changed.emit();
  }

  /** Sends what was begun, and takes the answer. */
  private async _send(
    course: Course,
    what: MoveRequest | Move,
    send: () => Promise<Move>,
    failed: (error: ApiError) => void
  ): Promise<void> {
    this._changed.emit();
    try {
      const move = await send();
      this._heard(course.answer(what, move));
    } catch (reason) {
      if (course.withdraw(what)) {
        failed(ApiError.from(reason));
        this._changed.emit();
      }
    }
  }

  private _take(course: Course, move: Move): void {
    this._heard(course.hear(move));
  }

  private _heard(isSettled: boolean): void {
    this._changed.emit();
    if (isSettled) {
      this._settled.emit();
    }
  }

  private _changed = new Signal<this, void>(this);
  private _courses: PerKernel<Course>;
  private _settled = new Signal<this, void>(this);
}
