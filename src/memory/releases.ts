import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges, IMemories } from '../api/client';
import { ApiError } from '../api/errors';
import type { Release } from '../api/types';
import { askAgain, isOver, restartedError } from '../model/change';
import type { LiveModel } from '../model/live';
import { PerKernel } from '../model/perkernel';

/** A release that was sent. */
export interface IReleasing {
  readonly what: readonly string[];
  /** As last heard of; null until then. */
  readonly release: Release | null;
  readonly error: ApiError | null;
  readonly isCancelling: boolean;
}

/** What a release would do: null while it is asked for. */
export type Preview = Release | ApiError | null;

interface IState {
  sent: readonly IReleasing[];
  previews: Map<string, Preview>;
  /** When what was released last, by the page's clock. */
  doneAt: Map<string, number>;
}

/** So many of the last releases are remembered: the server tells them again. */
const HEARD = 100;

type Asked = Pick<IChanges, 'change' | 'cancel'> & Pick<IMemories, 'release'>;

type Watched = Pick<
  LiveModel,
  'current' | 'changed' | 'heard' | 'server' | 'refresh'
>;

/** Releasing memory: what it would do, what is under way, and how it ended. */
export class ReleasesModel {
  constructor(
    private readonly _client: Asked,
    private readonly _live: Watched,
    private readonly _clock: () => number = () => performance.now()
  ) {
    this._states = new PerKernel<IState>(
      () => ({ sent: [], previews: new Map(), doneAt: new Map() }),
      () => _live.current?.id ?? null
    );
    _live.heard.connect((_, message) => {
      if (message.type === 'release') {
        this.hear(message.kernel_id, message.data);
      }
    });
    _live.changed.connect(this._onLive, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What is under way, and what ended last; oldest first. */
  get sent(): readonly IReleasing[] {
    return this._states.here?.state.sent ?? [];
  }

  /** Whether this is being released. */
  isUnderWay(what: string): boolean {
    return this.sent.some(one => isOpen(one) && one.what.includes(what));
  }

  /** What a release would do; undefined: nobody wants to know. */
  previewOf(what: string): Preview | undefined {
    return this._states.here?.state.previews.get(what);
  }

  /**
   * Whether the user was told what a release would do; that the kernel could not
   * say, because a cell runs, tells nothing.
   */
  isSaid(what: string): boolean {
    const preview = this.previewOf(what);
    return (
      preview !== undefined &&
      preview !== null &&
      !(preview instanceof ApiError)
    );
  }

  /** Whether this was released after a moment of `performance.now()`. */
  isDoneSince(what: string, moment: number): boolean {
    const doneAt = this._states.here?.state.doneAt.get(what);
    return doneAt !== undefined && doneAt >= moment;
  }

  /** Asks what a release would do. */
  async preview(what: string): Promise<void> {
    const { here } = this._states;
    if (here === null) {
      return;
    }
    const { kernelId, state } = here;
    state.previews.set(what, null);
    this._changed.emit();
    const request = { what: [what], dry_run: true };
    const answer = await this._client
      .release(kernelId, request)
      .catch(ApiError.from);
    if (state.previews.get(what) === null) {
      state.previews.set(what, answer);
      this._changed.emit();
    }
  }

  /** Nobody wants to know any more. */
  forget(what: string): void {
    this._states.here?.state.previews.delete(what);
    this._changed.emit();
  }

  /** Releases; one at a time of each. */
  async release(what: string): Promise<void> {
    const { here } = this._states;
    if (here === null || this.isUnderWay(what)) {
      return;
    }
    const { kernelId, state } = here;
    const begun: IReleasing = {
      what: [what],
      release: null,
      error: null,
      isCancelling: false
    };
    state.previews.delete(what);
    state.sent = [...state.sent.filter(isOpen), begun];
    this._changed.emit();
    try {
      const answer = await this._client.release(kernelId, {
        what: [what],
        dry_run: false
      });
      // The stream may have been ahead of the answer.
      const heard = this._heard.get(answer.id ?? '');
      const release = heard && isOver(heard) ? heard : answer;
      this._put(state, begun, { release });
      if (isOver(release)) {
        this._remember(release.id ?? '', release);
        this._settle(state, begun.what, release);
      }
    } catch (reason) {
      this._put(state, begun, { error: ApiError.from(reason) });
    }
  }

  /** Takes back what has not begun. */
  async cancel(releasing: IReleasing): Promise<void> {
    const { here } = this._states;
    const id = releasing.release?.id;
    if (here === null || !id || releasing.isCancelling) {
      return;
    }
    const { kernelId, state } = here;
    this._put(state, releasing, { isCancelling: true });
    try {
      const release = (await this._client.cancel(kernelId, id)) as Release;
      this._put(state, releasing, { release, isCancelling: false });
    } catch (reason) {
      const error = ApiError.from(reason);
      this._put(state, releasing, {
        isCancelling: false,
        // 409: it has begun meanwhile, and is heard of as that.
        error: error.status === 409 ? null : error
      });
    }
  }

  /** Puts away how something ended. */
  dismiss(releasing: IReleasing): void {
    const { here } = this._states;
    if (here !== null) {
      here.state.sent = here.state.sent.filter(one => one !== releasing);
      this._changed.emit();
    }
  }

  /** Takes what the stream tells of a release. */
  hear(kernelId: string, release: Release): void {
    const state = this._states.of(kernelId);
    const id = release.id ?? '';
    const before = this._heard.get(id);
    if (before !== undefined && isOver(before)) {
      // The server tells its last news again to whoever subscribes anew; one that
      // has ended stays as it was, although its line was dismissed.
      return;
    }
    this._remember(id, release);
    const known = state.sent.find(one => one.release?.id === id);
    if (known !== undefined) {
      if (!isOpen(known)) {
        return; // It goes on to what was heard, and never back.
      }
      this._put(state, known, { release, error: null });
    }
    if (isOver(release)) {
      this._settle(state, known?.what ?? [], release);
    }
  }

  /** Asks for what may have been missed while nothing came from the stream. */
  async look(): Promise<void> {
    const { here } = this._states;
    if (here === null) {
      return;
    }
    const { kernelId, state } = here;
    for (const one of state.sent.filter(isOpen)) {
      const id = one.release?.id;
      const now = id
        ? await askAgain<Release>(this._client, kernelId, id)
        : null;
      if (now instanceof ApiError) {
        this._put(state, one, { error: now });
      } else if (now !== null) {
        this.hear(kernelId, now);
      }
    }
  }

  private _onLive(): void {
    const { current, server } = this._live;
    if (server === 'fine' && this._server !== 'fine') {
      void this.look();
    }
    this._server = server;
    const { here } = this._states;
    const isGone = ['restarting', 'autorestarting', 'dead'].includes(
      current?.state ?? ''
    );
    if (here !== null && isGone && !this._isGone) {
      const error = restartedError();
      here.state.sent = here.state.sent
        .filter(isOpen)
        .map(one => ({ ...one, release: null, error }));
      here.state.previews.clear();
      here.state.doneAt.clear();
      this._changed.emit();
    }
    this._isGone = isGone;
  }

  /** What is known of one changes; more may have been heard since. */
  private _put(
    state: IState,
    releasing: IReleasing,
    part: Partial<IReleasing>
  ): void {
    const id = releasing.release?.id;
    state.sent = state.sent.map(one =>
      one === releasing || (id && one.release?.id === id && isOpen(one))
        ? { ...one, ...part }
        : one
    );
    this._changed.emit();
  }

  /** What was heard last, of any page's. */
  private _remember(id: string, release: Release): void {
    this._heard.delete(id); // The last is at the end.
    this._heard.set(id, release);
    if (this._heard.size > HEARD) {
      this._heard.delete(this._heard.keys().next().value!);
    }
  }

  private _settle(
    state: IState,
    what: readonly string[],
    { state: end, released }: Release
  ): void {
    if (end === 'done') {
      // One of another page says so in its rows only.
      const now = this._clock();
      [...what, ...released.map(row => row.what)].forEach(one =>
        state.doneAt.set(one, now)
      );
    }
    state.previews.clear();
    this._changed.emit();
    // The lists, and the account with them.
    this._live.refresh();
  }

  private _changed = new Signal<this, void>(this);
  private _heard = new Map<string, Release>();
  private _isGone = false;
  private _server = '';
  private _states: PerKernel<IState>;
}

/** Whether a release is still to be heard of. */
export function isOpen({ release, error }: IReleasing): boolean {
  return error === null && (release === null || !isOver(release));
}
