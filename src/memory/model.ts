import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IMemories } from '../api/client';
import { ApiError } from '../api/errors';
import type { MemoryQuery } from '../api/types';
import type { LiveModel } from '../model/live';
import { PerKernel } from '../model/perkernel';
import { Known } from './known';

/** What the model has to know of the kernel, and whether it may be asked. */
export type Watched = Pick<
  LiveModel,
  | 'current'
  | 'kernel'
  | 'isWatched'
  | 'changed'
  | 'settings'
  | 'tensors'
  | 'refreshed'
>;

/** A look may take 1 % of a running cell's time, 5 % of an idle kernel's. */
const BUSY_FACTOR = 100;
const IDLE_FACTOR = 20;

/** Milliseconds that a look costs a running cell beside its own time. */
const HANDOVER = 5;

/** Milliseconds between two looks at an idle kernel, although nothing is known to have changed. */
const BEAT = 15_000;

/** Milliseconds until a kernel that did not answer is asked again. */
const AFTER_ERROR = 5_000;

/** Milliseconds between two looks, however cheap they are. */
const LEAST = 300;

/** What is kept for each kernel. */
interface IState {
  known: Known;
  /** When it answered last, and when it was asked, by this browser's clock. */
  lookedAt: number;
  askedAt: number;
  /** When it was asked for more than its cells. */
  ownersAt: number;
  error: ApiError | null;
  /** Something may have changed since it was asked. */
  isDirty: boolean;
}

/**
 * The account of the current kernel's memory, kept up to date while somebody
 * looks at it, and only as often as the kernel can bear.
 */
export class MemoryModel {
  constructor(
    private readonly _client: IMemories,
    private readonly _live: Watched,
    private readonly _clock: () => number = Date.now
  ) {
    this._states = new PerKernel(
      () => ({
        known: new Known(),
        lookedAt: 0,
        askedAt: 0,
        ownersAt: 0,
        error: null,
        isDirty: true
      }),
      () => _live.current?.id ?? null
    );
    this._kernelId = _live.current?.id ?? null;
    this._revision = _live.tensors.table.revision;
    _live.changed.connect(this._onLive, this);
    _live.tensors.changed.connect(this._onTensors, this);
    _live.refreshed.connect(this.refresh, this);
    _live.settings.changed.connect(this._plan, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What the current kernel said; null without one. */
  get known(): Known | null {
    return this._states.here?.state.known ?? null;
  }

  /** When it said so, by this browser's clock; 0 for never. */
  get lookedAt(): number {
    return this._states.here?.state.lookedAt ?? 0;
  }

  /** Why it does not answer now, or null. */
  get error(): ApiError | null {
    return this._states.here?.state.error ?? null;
  }

  /** Somebody sees what this tells. */
  set isActive(isActive: boolean) {
    if (isActive !== this._isActive) {
      this._isActive = isActive;
      this._plan();
    }
  }

  /** Something changed, or a person wants to see it now. */
  refresh(): void {
    const { here } = this._states;
    if (here !== null) {
      here.state.isDirty = true;
      this._plan();
    }
  }

  private get _isBusy(): boolean {
    return this._live.current?.state === 'busy';
  }

  private _onLive(): void {
    const { current } = this._live;
    if ((current?.id ?? null) !== this._kernelId) {
      this._kernelId = current?.id ?? null;
      this._states.here?.state.known.doubt();
    }
    const state = `${current?.id} ${current?.state}`;
    if (state !== this._seen) {
      this._seen = state;
      this._since = this._clock();
      const { here } = this._states;
      if (
        current?.state === 'restarting' ||
        current?.state === 'autorestarting' ||
        current?.state === 'dead'
      ) {
        here?.state.known.clear();
        Object.assign(here?.state ?? {}, { lookedAt: 0, error: null });
      }
      if (here !== null) {
        here.state.isDirty = true;
      }
      this._changed.emit();
    }
    this._plan();
  }

  private _onTensors(): void {
    const { revision } = this._live.tensors.table;
    if (revision !== this._revision) {
      this._revision = revision;
      this.refresh();
    }
  }

  /** When the kernel may be asked for its owners again. */
  private _ownersDue({ known, isDirty, error, ownersAt }: IState): number {
    const cost = known.account?.cost_ms ?? 0;
    const wait = error === null ? 0 : AFTER_ERROR;
    if (this._isBusy) {
      const budget =
        known.account === null ? 0 : BUSY_FACTOR * (2 * cost + HANDOVER);
      return ownersAt + Math.max(this._interval, budget, wait);
    }
    const beat = isDirty ? LEAST : BEAT;
    return ownersAt + Math.max(beat, IDLE_FACTOR * cost, wait);
  }

  /** When it is asked again; a running cell's course costs next to nothing. */
  private _due(state: IState): number {
    const owners = this._ownersDue(state);
    if (!this._isBusy || state.known.isAnew) {
      return owners;
    }
    // What is over in a moment is looked at when it is over.
    return Math.max(
      this._since + this._interval,
      state.error === null
        ? Math.min(owners, state.askedAt + this._interval)
        : owners
    );
  }

  private get _interval(): number {
    return this._live.settings.values.interval * 1000;
  }

  private _plan(): void {
    window.clearTimeout(this._timer);
    const { here } = this._states;
    const { current, kernel, isWatched } = this._live;
    const isThere =
      current !== null &&
      (current.state === 'idle' || current.state === 'busy') &&
      kernel?.id === current.id &&
      kernel.agent === 'attached';
    if (!isThere) {
      here?.state.known.doubt();
    }
    if (!this._isActive || !isWatched || !isThere || here === null) {
      return;
    }
    const { state, kernelId } = here;
    if (this._asking === kernelId) {
      return; // Planned again when it has answered.
    }
    this._timer = window.setTimeout(
      () => void this._ask(kernelId, state),
      Math.max(0, this._due(state) - this._clock())
    );
  }

  private async _ask(kernelId: string, state: IState): Promise<void> {
    const { known } = state;
    this._asking = kernelId;
    const now = this._clock();
    const isWhole = known.isAnew || now >= this._ownersDue(state);
    const { doubts } = known;
    const query: MemoryQuery = isWhole
      ? known.query
      : { ...known.query, owners: 'false' };
    state.askedAt = now;
    if (isWhole) {
      state.ownersAt = now;
      state.isDirty = false;
    }
    try {
      const answer = await this._client.memory(kernelId, query);
      if (known.doubts !== doubts || !known.take(answer, query)) {
        state.isDirty = true;
      } else if (isWhole) {
        state.lookedAt = this._clock();
      }
      state.error = null;
    } catch (reason) {
      if (known.doubts === doubts) {
        state.error = ApiError.from(reason);
      }
      state.isDirty = true;
    }
    if (this._asking === kernelId) {
      this._asking = null;
    }
    this._changed.emit();
    this._plan();
  }

  private _asking: string | null = null;
  private _changed = new Signal<this, void>(this);
  private _isActive = false;
  private _kernelId: string | null;
  private _revision: string | null;
  private _seen = '';
  private _since = 0;
  private _states: PerKernel<IState>;
  private _timer = 0;
}
