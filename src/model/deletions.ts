import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges } from '../api/client';
import { ApiError } from '../api/errors';
import type { Deletion } from '../api/types';
import { askAgain, isOver, restartedError } from './change';
import { PerKernel } from './perkernel';
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
    kernelId: () => string | null
  ) {
    this._states = new PerKernel<IState>(
      () => ({ asked: [], sent: [] }),
      kernelId
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A deletion changed the kernel's tensors. */
  get settled(): ISignal<this, void> {
    return this._settled;
  }

  /** What a person is asked whether to delete; empty: nothing. */
  get asked(): readonly IDoomed[] {
    return this._states.here?.state.asked ?? [];
  }

  /** The deletions that were sent last. */
  get sent(): readonly IDeleting[] {
    return this._states.here?.state.sent ?? [];
  }

  /** Asks whether to delete these rows. */
  ask(ids: readonly string[]): void {
    const state = this._states.here?.state;
    if (state !== undefined) {
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
    const state = this._states.here?.state;
    if (state !== undefined) {
      state.asked = [];
      this._changed.emit();
    }
  }

  /** Deletes what was asked about, one after the other. */
  async confirm(): Promise<void> {
    const { here } = this._states;
    if (here === null) {
      return;
    }
    const { kernelId, state } = here;
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
    await this._ofEachOpen(async (kernelId, id) => {
      try {
        return (await this._client.cancel(kernelId, id)) as Deletion;
      } catch (reason) {
        return ApiError.from(reason);
      }
    });
  }

  dismiss(): void {
    const state = this._states.here?.state;
    if (state !== undefined) {
      state.sent = [];
      this._changed.emit();
    }
  }

  /** Takes what the stream tells of a deletion. */
  apply(kernelId: string, deletion: Deletion): void {
    const state = this._states.of(kernelId);
    const known =
      state.sent.find(one => one.deletion?.id === deletion.id) ??
      // The stream is ahead of the answer.
      state.sent.find(
        one =>
          one.deletion === null &&
          one.error === null &&
          one.doomed.name === deletion.name
      );
    // The server tells an ended one again to whoever subscribes anew: no news.
    if (known !== undefined && !(known.deletion && isOver(known.deletion))) {
      this._put(state, known.doomed, { deletion, error: null });
      if (isOver(deletion)) {
        this._settled.emit();
      }
    }
  }

  /** Asks for what may have been missed while nothing came from the stream. */
  async look(): Promise<void> {
    await this._ofEachOpen((kernelId, id) =>
      askAgain<Deletion>(this._client, kernelId, id)
    );
  }

  /** The kernel restarted: its tensors are gone, and nothing by us. */
  restarted(): void {
    const { here } = this._states;
    if (here !== null) {
      const error = restartedError();
      here.state.asked = [];
      here.state.sent = here.state.sent
        .filter(isOpen)
        .map(({ doomed }) => ({ doomed, deletion: null, error }));
      this._changed.emit();
    }
  }

  /** Asks something of each that is queued or running; null: no answer. */
  private async _ofEachOpen(
    ask: (kernelId: string, id: string) => Promise<Deletion | ApiError | null>
  ): Promise<void> {
    const { here } = this._states;
    if (here === null) {
      return;
    }
    const { kernelId, state } = here;
    for (const { doomed, deletion } of state.sent) {
      if (deletion?.id && !isOver(deletion)) {
        const answer = await ask(kernelId, deletion.id);
        if (answer !== null) {
          this._put(
            state,
            doomed,
            answer instanceof ApiError
              ? { error: answer }
              : { deletion: answer, error: null }
          );
        }
      }
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

  private _changed = new Signal<this, void>(this);
  private _settled = new Signal<this, void>(this);
  private _states: PerKernel<IState>;
}

/** Whether a deletion is still to be heard of. */
export function isOpen({ deletion, error }: IDeleting): boolean {
  return error === null && (deletion === null || !isOver(deletion));
}
