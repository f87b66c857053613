import { URLExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { StreamMessage, Subscribe } from './types';

/** `closed`: nobody wants it; `waiting`: lost, and tried again by itself. */
export type StreamState = 'closed' | 'connecting' | 'open' | 'waiting';

/** What the models ask of the stream. */
export interface IStream {
  readonly state: StreamState;
  readonly stateChanged: ISignal<IStream, StreamState>;
  readonly message: ISignal<IStream, StreamMessage>;
  /**
   * Holds a subscription until it is disposed.
   *
   * @param request is called again after each reconnection, so that it can
   * name the revision that the caller has by then.
   */
  subscribe(request: () => Subscribe): IDisposable;
  /** Tries now, when the stream is waiting. */
  retry(): void;
}

/** Milliseconds before the first retry, and the most between two. */
const FIRST = 500;
const LONGEST = 10_000;

/**
 * The one WebSocket of the page, shared by everything.
 *
 * It is open while there is a subscription, comes back by itself when it was
 * lost, and subscribes again.
 */
export class Stream implements IStream, IDisposable {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  get state(): StreamState {
    return this._state;
  }

  get stateChanged(): ISignal<this, StreamState> {
    return this._stateChanged;
  }

  get message(): ISignal<this, StreamMessage> {
    return this._message;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  subscribe(request: () => Subscribe): IDisposable {
    this._requests.add(request);
    if (this._state === 'open') {
      this._send(request());
    } else if (this._state === 'closed') {
      this._open();
    }
    return new DisposableDelegate(() => {
      this._requests.delete(request);
      if (this._state === 'open') {
        const { topic, kernel_id } = request();
        this._send({
          type: 'unsubscribe',
          topic,
          ...(kernel_id === undefined ? {} : { kernel_id })
        });
      }
      this._closeWhenUnwanted();
    });
  }

  retry(): void {
    if (this._state === 'waiting') {
      window.clearTimeout(this._timer);
      this._open();
    }
  }

  dispose(): void {
    this._isDisposed = true;
    this._requests.clear();
    this._close();
    Signal.clearData(this);
  }

  private _open(): void {
    const { wsUrl, token, WebSocket, appendToken } = this._settings;
    let url = URLExt.join(wsUrl, 'jupyter_dlkit', 'stream');
    if (appendToken && token !== '') {
      url += `?token=${encodeURIComponent(token)}`;
    }
    this._setState('connecting');
    const socket = new WebSocket(url);
    this._socket = socket;
    socket.onopen = () => {
      this._failures = 0;
      this._setState('open');
      this._requests.forEach(request => this._send(request()));
    };
    socket.onmessage = event => {
      this._message.emit(JSON.parse(event.data as string) as StreamMessage);
    };
    // A refused upgrade closes without opening; both end here.
    socket.onclose = () => {
      if (this._socket === socket) {
        this._socket = null;
        this._wait();
      }
    };
  }

  private _wait(): void {
    if (this._requests.size === 0) {
      this._setState('closed');
      return;
    }
    // Spread out, so that many pages do not come back in the same instant.
    const delay = Math.min(LONGEST, FIRST * 2 ** this._failures++);
    this._timer = window.setTimeout(
      () => this._open(),
      delay * (0.75 + Math.random() / 2)
    );
    this._setState('waiting');
  }

  /** One subscription often replaces another: wait before hanging up. */
  private _closeWhenUnwanted(): void {
    window.clearTimeout(this._closing);
    this._closing = window.setTimeout(() => {
      if (this._requests.size === 0) {
        this._close();
      }
    }, 2000);
  }

  private _close(): void {
    window.clearTimeout(this._timer);
    const socket = this._socket;
    this._socket = null;
    socket?.close();
    this._setState('closed');
  }

  private _send(request: Subscribe): void {
    this._socket?.send(JSON.stringify(request));
  }

  private _setState(state: StreamState): void {
    if (state !== this._state) {
      this._state = state;
      this._stateChanged.emit(state);
    }
  }

  private _closing = 0;
  private _failures = 0;
  private _isDisposed = false;
  private _message = new Signal<this, StreamMessage>(this);
  private _requests = new Set<() => Subscribe>();
  private _socket: WebSocket | null = null;
  private _state: StreamState = 'closed';
  private _stateChanged = new Signal<this, StreamState>(this);
  private _timer = 0;
}
