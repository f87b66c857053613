import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { ApiError } from '../../api/errors';
import type { StreamMessage } from '../../api/types';
import type { LiveModel } from '../../model/live';
import type { Idle, IdleNotice, IdleRequest } from '../types';
import type { IIdleClient } from './client';
import { NO_WISHES } from './wishes';

/**
 * Hears of accelerators that nobody uses.
 *
 * The server looks for them, and only where a limit was set; without one
 * nothing is subscribed to either.
 */
export class IdleWatch {
  constructor(
    private readonly _client: IIdleClient,
    private readonly _live: Pick<LiveModel, 'heard' | 'subscribe'>
  ) {
    _live.heard.connect(this._onHeard, this);
  }

  /** There is a notice, it changed, or it is no more. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What was found, or null. */
  get notice(): IdleNotice | null {
    return this._idle?.notice ?? null;
  }

  /** Whether this user may shut down kernels and silence the notice. */
  get mayAct(): boolean {
    return this._mayAct;
  }

  /** Says what the user wants to be told; null when the user never said. */
  async wish(wishes: IdleRequest | null): Promise<void> {
    const request = wishes ?? (this._hasWished ? NO_WISHES : null);
    this._hasWished = wishes !== null;
    try {
      this._take(
        request === null
          ? await this._client.idle()
          : await this._client.wish(request)
      );
    } catch (reason) {
      const error = ApiError.from(reason);
      if (error.status === 403 && request !== null) {
        // What the administrator set is told to everybody.
        this._mayAct = false;
        this._hasWished = false;
        await this.wish(null);
      } else if (request !== null) {
        console.warn('DL Kit could not watch for idle GPUs:', error.message);
      }
    }
  }

  /** Nothing more until the user's midnight; throws {@link ApiError}. */
  async notToday(now = new Date()): Promise<void> {
    const midnight = new Date(
      now.getFullYear(),
      now.getMonth(),
      now.getDate() + 1
    );
    this._take(await this._client.notToday(midnight));
  }

  private _onHeard(_: unknown, message: StreamMessage): void {
    if (message.type === 'idle') {
      this._take(message.data);
    }
  }

  private _take(idle: Idle): void {
    this._idle = idle;
    if (idle.limit_minutes === null) {
      this._subscription?.dispose();
      this._subscription = null;
    } else {
      this._subscription ??= this._live.subscribe(() => ({
        type: 'subscribe',
        topic: 'idle'
      }));
    }
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _hasWished = false;
  private _idle: Idle | null = null;
  private _mayAct = true;
  private _subscription: IDisposable | null = null;
}
