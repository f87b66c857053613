import type { NotebookPanel } from '@jupyterlab/notebook';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { IChanges, IChecks, IClient } from '../api/client';
import { ApiError } from '../api/errors';
import type { IStream } from '../api/stream';
import type { Kernel, StreamMessage, Subscribe } from '../api/types';
import type { IActivity, ICurrentKernel } from './activity';
import { CheckModel } from './check/model';
import { DeletionsModel } from './deletions';
import { DetailModel } from './detail';
import { DevicesModel } from './devices';
import { MovesModel } from './moves';
import type { Settings } from './settings';
import { TensorsModel } from './tensors';

/** Seconds between looks for somebody who only glances. */
const GLANCE = 10;

/** Why nothing comes from the server, as far as it can be told. */
export type ServerState =
  | 'fine'
  | 'connecting'
  /** No answer: it stopped, or the network did. */
  | 'away'
  /** It answers, but does not have our extension. */
  | 'missing'
  /** It answers that this user may not. */
  | 'forbidden';

/**
 * What is known of the current kernel, kept up to date while somebody watches.
 *
 * Views hold a watch while they are on the screen; without one nothing is
 * subscribed to, so that nothing runs in the kernel.
 */
export class LiveModel {
  constructor(
    private readonly _stream: IStream,
    private readonly _client: IClient & IChanges & IChecks,
    private readonly _activity: IActivity,
    readonly settings: Settings,
    private readonly _clock: () => number = Date.now
  ) {
    const kernelId = (): string | null => this._kernelId;
    this.detail = new DetailModel(_client, this.tensors, kernelId);
    this.moves = new MovesModel(_client, this.tensors, settings, kernelId);
    this.deletions = new DeletionsModel(_client, this.tensors, kernelId);
    this.check = new CheckModel(_client, this.tensors, kernelId);
    // The rows say where they are now, without waiting for the next look.
    this.moves.settled.connect(this.refresh, this);
    this.deletions.settled.connect(this.refresh, this);
    _stream.message.connect(this._onMessage, this);
    _stream.stateChanged.connect(this._onStream, this);
    _activity.changed.connect(this._onActivity, this);
    _activity.restarted.connect(this._onRestart, this);
    settings.changed.connect(this._onSettings, this);
    this._onActivity();
  }

  /** Kernel, agent, connection or age of the data changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Everything that the server says, of any kernel. */
  get heard(): ISignal<this, StreamMessage> {
    return this._heard;
  }

  /** A person, or what changed the kernel, wants a new look. */
  get refreshed(): ISignal<this, void> {
    return this._refreshed;
  }

  readonly tensors = new TensorsModel();
  readonly devices = new DevicesModel();
  readonly detail: DetailModel;
  readonly moves: MovesModel;
  readonly deletions: DeletionsModel;
  readonly check: CheckModel;

  get current(): ICurrentKernel | null {
    return this._activity.current;
  }

  get withoutKernel(): string | null {
    return this._activity.withoutKernel;
  }

  /** The notebook whose kernel is shown; null for a console. */
  get notebook(): NotebookPanel | null {
    return this._activity.notebook;
  }

  /** The kernel is about to be there. */
  get isStarting(): boolean {
    return this._activity.isStarting;
  }

  /** The kernel and its agent, as the server said last. */
  get kernel(): Kernel | null {
    return this._kernel;
  }

  get server(): ServerState {
    return this._server;
  }

  /** When the kernel last answered, by this browser's clock; 0 for never. */
  get lookedAt(): number {
    return this._lookedAt;
  }

  /** Why the list is old, in the server's words, or null. */
  get stale(): string | null {
    return this._stale;
  }

  /** The last error about this kernel, until the next answer. */
  get error(): ApiError | null {
    return this._error;
  }

  get isWatched(): boolean {
    const { isLoaded, values } = this.settings;
    return this._watches.size > 0 && isLoaded && values.enabled;
  }

  /**
   * Keeps the models up to date until it is disposed.
   *
   * @param closely at the interval of the settings, or only now and then.
   */
  watch(closely: boolean): IDisposable {
    const watch = { closely };
    this._watches.add(watch);
    this._stream.retry();
    this._subscribe();
    this._lookAtChanges();
    return new DisposableDelegate(() => {
      this._watches.delete(watch);
      this._subscribe();
    });
  }

  /** Holds a subscription of another part, whose messages are `heard`. */
  subscribe(request: () => Subscribe): IDisposable {
    return this._stream.subscribe(request);
  }

  /** Looks again now: the whole list, and the detail. */
  refresh(): void {
    this._stream.retry();
    this._subscribe(true);
    if (this.tensors.selected !== null) {
      void this.detail.refresh();
    }
    this._refreshed.emit();
  }

  private get _interval(): number {
    const { interval } = this.settings.values;
    return Array.from(this._watches).some(watch => watch.closely)
      ? interval
      : Math.max(interval, GLANCE);
  }

  /** Makes the subscriptions what they should be. */
  private _subscribe(anew = false): void {
    const kernelId = this.isWatched ? this._kernelId : null;
    const interval = this._interval;
    const status = this.isWatched ? `${interval}` : '';
    if (status !== this._statusKey || anew) {
      this._statusKey = status;
      this._statusSubscription?.dispose();
      this._statusSubscription =
        status === ''
          ? null
          : this._stream.subscribe(() => ({
              type: 'subscribe',
              topic: 'status',
              interval
            }));
    }
    const kernel = kernelId === null ? '' : `${kernelId} ${interval}`;
    if (kernel !== this._kernelKey || anew) {
      this._kernelKey = kernel;
      this._kernelSubscription?.dispose();
      this._kernelSubscription =
        kernelId === null
          ? null
          : this._stream.subscribe(() => this._kernelRequest(kernelId));
    }
    this.detail.isActive = this.isWatched;
  }

  private _kernelRequest(kernelId: string): Subscribe {
    return {
      type: 'subscribe',
      topic: 'kernel',
      kernel_id: kernelId,
      interval: this._interval,
      since: this.tensors.table.revision
    };
  }

  private _onActivity(): void {
    const kernelId = this._activity.current?.id ?? null;
    if (kernelId !== this._kernelId) {
      this._kernelId = kernelId;
      this._forget();
      this._subscribe();
      this._lookAtChanges();
    }
    this._changed.emit();
  }

  private _onRestart(): void {
    this._forget();
    this.moves.restarted();
    this.deletions.restarted();
    this._changed.emit();
  }

  private _onSettings(): void {
    this._subscribe();
    this._changed.emit();
  }

  private _forget(): void {
    this._kernel = null;
    this._lookedAt = 0;
    this._stale = null;
    this._error = null;
    this.tensors.clear();
    this.devices.applyKernel(null);
  }

  private _onStream(): void {
    const { state } = this._stream;
    if (state === 'open') {
      this._server = 'fine';
      this._lookAtChanges();
    } else if (state === 'waiting') {
      this._server = this._server === 'fine' ? 'away' : this._server;
      void this._probe();
    } else if (state === 'connecting' && this._server === 'fine') {
      this._server = 'connecting';
    }
    this._changed.emit();
  }

  /** A socket does not say why it was refused; a request does. */
  private async _probe(): Promise<void> {
    let server: ServerState = 'connecting';
    try {
      await this._client.status();
    } catch (reason) {
      const status = reason instanceof ApiError ? reason.status : 0;
      server =
        status === 404 ? 'missing' : status === 403 ? 'forbidden' : 'away';
    }
    if (this._stream.state !== 'open') {
      this._server = server;
      if (server !== 'connecting') {
        this.devices.clear();
      }
      this._changed.emit();
    }
  }

  private _onMessage(_: IStream, message: StreamMessage): void {
    this._heard.emit(message);
    if (message.type === 'status') {
      this.devices.applyStatus(message.data, this._clock());
      return;
    }
    if (message.type === 'doctor' || message.type === 'idle') {
      // Of other parts, which hear them.
      return;
    }
    if ((message.kernel_id ?? this._kernelId) !== this._kernelId) {
      // Of the kernel that was current before.
      return;
    }
    switch (message.type) {
      case 'tensors':
        this._takeList(message.data);
        break;
      case 'unchanged':
        this._answered();
        break;
      case 'kernel':
        this._kernel = message.data;
        if (message.data.agent !== 'attached') {
          this._error = null;
        }
        if (message.devices !== null) {
          this.devices.applyKernel(message.devices);
        }
        break;
      case 'move':
        this.moves.apply(message.kernel_id, message.data);
        return;
      case 'deletion':
        this.deletions.apply(message.kernel_id, message.data);
        return;
      case 'stale':
        this._stale = message.message;
        break;
      case 'error':
        this._error = new ApiError(
          0,
          message.error.code,
          message.error.message,
          message.error.hint
        );
        break;
    }
    this._changed.emit();
  }

  /** What ended while nothing was subscribed to was not heard of. */
  private _lookAtChanges(): void {
    if (this.isWatched) {
      void this.moves.look();
      void this.deletions.look();
    }
  }

  private _takeList(
    list: Extract<StreamMessage, { type: 'tensors' }>['data']
  ): void {
    if (!list.full && this.tensors.table.revision === null) {
      // A difference from what a restart has just made us forget.
      this._subscribe(true);
      return;
    }
    this._answered();
    this.tensors.apply(list);
  }

  private _answered(): void {
    this._lookedAt = this._clock();
    this._stale = null;
    this._error = null;
  }

  private _changed = new Signal<this, void>(this);
  private _error: ApiError | null = null;
  private _heard = new Signal<this, StreamMessage>(this);
  private _kernel: Kernel | null = null;
  private _kernelId: string | null = null;
  private _kernelKey = '';
  private _kernelSubscription: IDisposable | null = null;
  private _lookedAt = 0;
  private _refreshed = new Signal<this, void>(this);
  private _server: ServerState = 'connecting';
  private _stale: string | null = null;
  private _statusKey = '';
  private _statusSubscription: IDisposable | null = null;
  private _watches = new Set<{ closely: boolean }>();
}
