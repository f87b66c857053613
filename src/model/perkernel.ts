/** A kernel that is known, with what is kept for it. */
export interface IHere<T> {
  readonly kernelId: string;
  readonly state: T;
}

/** Something kept for each kernel, made when it is first asked for. */
export class PerKernel<T> {
  /** @param _current id of the current kernel, or null. */
  constructor(
    private readonly _make: () => T,
    private readonly _current: () => string | null
  ) {}

  /** Of the current kernel; null without one. */
  get here(): IHere<T> | null {
    const kernelId = this._current();
    return kernelId === null ? null : { kernelId, state: this.of(kernelId) };
  }

  of(kernelId: string): T {
    let state = this._states.get(kernelId);
    if (state === undefined) {
      state = this._make();
      this._states.set(kernelId, state);
    }
    return state;
  }

  private _states = new Map<string, T>();
}
