import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges } from '../api/client';
import { ApiError } from '../api/errors';
import type { Deletion } from '../api/types';
import { isOver } from './moves';
import type { TensorsModel } from './tensors';

/** A tensor whose names are to be deleted. */
export interface IDoomed {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of its storage. */
  readonly bytes: number;
}

/** One tensor of a deletion that was sent. */
export interface IDeleting {
  readonly doomed: IDoomed;
  readonly deletion: Deletion | null;
  readonly error: ApiError | null;
}

/** What is known of the deletions of one kernel. */
interface IState {
  asked: readonly IDoomed[];
  sent: readonly IDeleting[];
}

/** Deleting tensors: what is asked about, and how it went. */
export class DeletionsModel {
  constructor(
    private readonly _client: IChanges,
    private readonly _tensors: TensorsModel,
    private readonly _kernelId: () => string | null
  ) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A deletion changed the kernel's tensors. */
  get settled(): ISignal<this, void> {
    return this._settled;
  }

  /** What a person is asked whether to delete; empty: nothing. */
  get asked(): readonly IDoomed[] {
    return this._current?.asked ?? [];
  }

  /** The deletions that were sent last. */
  get sent(): readonly IDeleting[] {
    return this._current?.sent ?? [];
  }

  /** Asks whether to delete these rows. */
  ask(ids: readonly string[]): void {
    const state = this._current;
    if (state !== null) {
      const { table } = this._tensors;
      const { name, aliases, storage, bytes } = table.columns;
      state.asked = ids.flatMap(id => {
        const row = table.row(id);
        return row === undefined
          ? []
          : {
              id,
              name: name[row],
              aliases: aliases[row],
              bytes: storage.bytes[row] ?? bytes[row] ?? 0
            };
      });
      this._changed.emit();
    }
  }

  leave(): void {
    const state = this._current;
    if (state !== null) {
      state.asked = [];
      this._changed.emit();
    }
  }

  /** Deletes what was asked about, one after the other. */
  async confirm(): Promise<void> {
    const state = this._current;
    const kernelId = this._kernelId();
    if (state === null || kernelId === null) {
      return;
    }
    const doomed = state.asked;
    state.asked = [];
    state.sent = doomed.map(one => ({
      doomed: one,
      deletion: null,
      error: null
    }));
    this._changed.emit();
    for (const one of doomed) {
      try {
        this._put(state, one, {
          deletion: await this._client.deleteTensor(kernelId, one.id, one.name)
        });
      } catch (reason) {
        this._put(state, one, { error: ApiError.from(reason) });
      }
    }
    this._settled.emit();
  }

  /** Takes back what has not begun. */
  async cancel(): Promise<void> {
    const state = this._current;
    const kernelId = this._kernelId();
    if (state === null || kernelId === null) {
      return;
    }
    for (const { doomed, deletion } of state.sent) {
      if (deletion?.id && !isOver(deletion)) {
        try {
          const answer = await this._client.cancel(kernelId, deletion.id);
          this._put(state, doomed, { deletion: answer as Deletion });
        } catch (reason) {
          this._put(state, doomed, { error: ApiError.from(reason) });
        }
      }
    }
  }

  dismiss(): void {
    const state = this._current;
    if (state !== null) {
      state.sent = [];
      this._changed.emit();
    }
  }

  /** Takes what the stream tells of a deletion. */
  apply(kernelId: string, deletion: Deletion): void {
    const state = this._stateOf(kernelId);
    const known =
      state.sent.find(one => one.deletion?.id === deletion.id) ??
      // The stream is ahead of the answer.
      state.sent.find(
        one =>
          one.deletion === null &&
          one.error === null &&
          one.doomed.name === deletion.name
      );
    if (known !== undefined) {
      this._put(state, known.doomed, { deletion, error: null });
      if (isOver(deletion)) {
        this._settled.emit();
      }
    }
  }

  /** Asks for what may have been missed while nothing came from the stream. */
  async look(): Promise<void> {
    const state = this._current;
    const kernelId = this._kernelId();
    if (state === null || kernelId === null) {
      return;
    }
    for (const { doomed, deletion } of state.sent) {
      if (deletion?.id && !isOver(deletion)) {
        try {
          const answer = await this._client.change(kernelId, deletion.id);
          this._put(state, doomed, { deletion: answer as Deletion });
        } catch (reason) {
          const error = ApiError.from(reason);
          if (error.status !== 0 && error.status !== 504) {
            this._put(state, doomed, { deletion: null, error });
          }
        }
      }
    }
  }

  /** The kernel restarted: its tensors are gone, and nothing by us. */
  restarted(): void {
    const state = this._current;
    if (state !== null) {
      const error = new ApiError(
        0,
        'kernel_restarted',
        'The kernel restarted before this was done.',
        ''
      );
      state.asked = [];
      state.sent = state.sent
        .filter(
          one =>
            one.error === null &&
            (one.deletion === null || !isOver(one.deletion))
        )
        .map(({ doomed }) => ({ doomed, deletion: null, error }));
      this._changed.emit();
    }
  }

  private _put(
    state: IState,
    doomed: IDoomed,
    part: Partial<Pick<IDeleting, 'deletion' | 'error'>>
  ): void {
    state.sent = state.sent.map(one => {
      if (one.doomed !== doomed) {
        return one;
      }
      // It goes on to what was heard, and never back.
      const isOld =
        one.deletion !== null &&
        isOver(one.deletion) &&
        part.deletion?.id === one.deletion.id;
      return isOld ? one : { ...one, ...part };
    });
    this._changed.emit();
  }

  private get _current(): IState | null {
    const kernelId = this._kernelId();
    return kernelId === null ? null : this._stateOf(kernelId);
  }

  private _stateOf(kernelId: string): IState {
    let state = this._states.get(kernelId);
    if (state === undefined) {
      state = { asked: [], sent: [] };
      this._states.set(kernelId, state);
    }
    return state;
  }

  private _changed = new Signal<this, void>(this);
  private _settled = new Signal<this, void>(this);
  private _states = new Map<string, IState>();
}
