import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { StreamMessage } from '../api/types';
import type { LiveModel } from '../model/live';
import type { IDoctorClient } from './client';
import type { Doctor } from './types';

/** What the model has to know of the kernel, and whether it may be asked. */
export type Watched = Pick<
  LiveModel,
  'current' | 'changed' | 'heard' | 'subscribe' | 'settings'
>;

/** Whose environment is shown. */
export type Place = 'kernel' | 'server';

/** What is known of one environment. */
export interface IKnown {
  /** What the server said last; null before its first answer. */
  readonly doctor: Doctor | null;
  /** Why it did not do what it was asked last, or null. */
  readonly error: ApiError | null;
  /** A person has asked for something that was not answered yet. */
  readonly isAsking: boolean;
}

const NOTHING: IKnown = { doctor: null, error: null, isAsking: false };

/**
 * The reports of the current kernel's environment and of the server's.
 *
 * While somebody looks, it has the last report; an examination starts only
 * when a person asks for one.
 */
export class DoctorModel {
  constructor(
    private readonly _client: IDoctorClient,
    private readonly _live: Watched
  ) {
    _live.changed.connect(this._follow, this);
    _live.settings.changed.connect(this._follow, this);
    _live.heard.connect(this._onHeard, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Until a person chooses, the kernel's, if there is one. */
  get place(): Place {
    return this._place ?? (this._live.current === null ? 'server' : 'kernel');
  }

  set place(place: Place) {
    this._place = place;
    this._follow();
    this._changed.emit();
  }

  /** Of the environment that is shown; null where there is none. */
  get known(): IKnown | null {
    const shown = this._shown;
    return shown === undefined ? null : this._of(shown);
  }

  /** Somebody sees what this tells. */
  set isActive(isActive: boolean) {
    this._isActive = isActive;
    this._follow();
  }

  /** A person wants to know; what is found comes by the stream. */
  async examine(andFiles = false): Promise<void> {
    await this._ask(kernelId => this._client.examine(kernelId, andFiles));
  }

  async cancel(): Promise<void> {
    await this._ask(kernelId => this._client.cancel(kernelId));
  }

  /** Forgets the environments of all but these kernels: they have ended. */
  keep(running: readonly string[]): void {
    for (const kernelId of this._states.keys()) {
      if (kernelId !== null && !running.includes(kernelId)) {
        this._states.delete(kernelId);
      }
    }
  }

  /** Id of the kernel that is shown; null: the server; undefined: nobody. */
  private get _shown(): string | null | undefined {
    return this.place === 'server' ? null : this._live.current?.id;
  }

  private _of(kernelId: string | null): IKnown {
    return this._states.get(kernelId) ?? NOTHING;
  }

  private _set(kernelId: string | null, change: Partial<IKnown>): void {
    this._states.set(kernelId, { ...this._of(kernelId), ...change });
    this._changed.emit();
  }

  private async _ask(
    question: (kernelId: string | null) => Promise<Doctor>
  ): Promise<void> {
    const kernelId = this._shown;
    if (kernelId === undefined) {
      return;
    }
    this._set(kernelId, { isAsking: true });
    await this._take(kernelId, question(kernelId));
    this._set(kernelId, { isAsking: false });
  }

  /** An answer, unless the stream has said something newer meanwhile. */
  private async _take(
    kernelId: string | null,
    answer: Promise<Doctor>
  ): Promise<void> {
    const before = this._of(kernelId).doctor;
    try {
      const doctor = await answer;
      if (this._of(kernelId).doctor === before) {
        this._set(kernelId, { doctor, error: null });
      }
    } catch (reason) {
      // The report that is there stands.
      this._set(kernelId, { error: ApiError.from(reason) });
    }
  }

  /** Has what is shown, and is told of it from then on. */
  private _follow(): void {
    const { isLoaded, values } = this._live.settings;
    const shown = this._shown;
    const isWanted =
      this._isActive && isLoaded && (values.enabled || shown === null);
    const followed = isWanted ? shown : undefined;
    if (followed === this._followed) {
      return;
    }
    this._followed = followed;
    this._subscription?.dispose();
    this._subscription = null;
    if (followed !== undefined) {
      this._subscription = this._live.subscribe(() => ({
        type: 'subscribe',
        topic: 'doctor',
        ...(followed === null ? {} : { kernel_id: followed })
      }));
      // The stream would not say why it was refused.
      void this._take(followed, this._client.report(followed));
    }
  }

  private _onHeard(_: unknown, message: StreamMessage): void {
    if (message.type === 'doctor') {
      this._set(message.kernel_id, { doctor: message.data, error: null });
    }
  }

  private _changed = new Signal<this, void>(this);
  private _followed: string | null | undefined = undefined;
  private _isActive = false;
  private _place: Place | null = null;
  private _states = new Map<string | null, IKnown>();
  private _subscription: IDisposable | null = null;
}
