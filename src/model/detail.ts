import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import { ApiError } from '../api/errors';
import type { IClient } from '../api/client';
import type { DetailQuery, TensorDetail } from '../api/types';
import type { TensorsModel } from './tensors';

type Values = NonNullable<TensorDetail['values']>;

/** Elements of a tensor that is small enough to show whole. */
export const SMALL = 100;

/**
 * The selected tensor in full; its values only when a person asked.
 */
export class DetailModel {
  constructor(
    private readonly _client: IClient,
    private readonly _tensors: TensorsModel,
    private readonly _kernelId: () => string | null
  ) {
    _tensors.selectionChanged.connect(this._onSelection, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The tensor as last read; null when none is selected or it never came. */
  get tensor(): TensorDetail | null {
    return this._tensor;
  }

  /** Values as last asked for; they are of the moment of `valuesAt`. */
  get values(): Values {
    return this._values;
  }

  /** The values may be older than the tensor: it changed since. */
  get valuesAreOld(): boolean {
    return this._valuesVersion !== null && this._tensor !== null
      ? this._valuesVersion !== this._versionOf(this._tensor)
      : false;
  }

  /** What a request is under way for, or null. */
  get loading(): 'tensor' | 'values' | null {
    return this._loading;
  }

  get error(): ApiError | null {
    return this._error;
  }

  /** The selected row is no longer listed. */
  get isGone(): boolean {
    const { selected, table } = this._tensors;
    return selected !== null && table.row(selected) === undefined;
  }

  /** While false, nothing is requested. */
  set isActive(isActive: boolean) {
    this._isActive = isActive;
    if (isActive && this._isDue) {
      void this.refresh();
    }
  }

  /** Reads the tensor again, without its values. */
  async refresh(): Promise<void> {
    await this._read({}, 'tensor');
  }

  /** min, max, mean, std, NaN and Inf counts, histogram. */
  async readSummary(): Promise<void> {
    await this._read({ values: 'summary' }, 'values');
  }

  /** @param slice such as `0,:,3:5`; empty for as much as the server gives. */
  async readSlice(slice: string): Promise<void> {
    const text = slice.trim();
    await this._read(
      text === ''
        ? { values: 'slice' }
        : { values: 'slice', slice: text.replace(/^\[(.*)\]$/, '$1') },
      'values'
    );
  }

  async readImage(): Promise<void> {
    await this._read({ values: 'image' }, 'values');
  }

  private _onSelection(): void {
    const { selected } = this._tensors;
    if (selected !== this._tensor?.id) {
      this._tensor = null;
      this._values = {};
      this._valuesVersion = null;
      this._error = null;
    }
    if (selected === null) {
      this._request?.abort();
      this._loading = null;
      this._changed.emit();
    } else if (this._isActive) {
      void this.refresh();
    } else {
      this._isDue = true;
      this._changed.emit();
    }
  }

  private async _read(
    query: DetailQuery,
    what: 'tensor' | 'values'
  ): Promise<void> {
    const kernelId = this._kernelId();
    const { selected, table } = this._tensors;
    const row = selected === null ? undefined : table.row(selected);
    if (kernelId === null || selected === null || row === undefined) {
      this._changed.emit();
      return;
    }
    this._isDue = false;
    this._request?.abort();
    const request = new AbortController();
    this._request = request;
    this._loading = what;
    this._error = null;
    this._changed.emit();
    try {
      const path = table.columns.name[row];
      const tensor = await this._client.tensor(
        kernelId,
        selected,
        { path, ...query },
        request.signal
      );
      if (this._request === request) {
        this._take(tensor);
      }
    } catch (reason) {
      if (this._request === request && !request.signal.aborted) {
        this._error = ApiError.from(reason);
      }
    }
    if (this._request === request) {
      this._request = null;
      this._loading = null;
      this._changed.emit();
    }
  }

  private _take(tensor: TensorDetail): void {
    this._tensor = tensor;
    if (tensor.values !== null) {
      const version = this._versionOf(tensor);
      // What belongs to another version of the tensor would mislead beside it.
      const kept = version === this._valuesVersion ? this._values : {};
      this._values = { ...kept, ...withoutNulls(tensor.values) };
      this._valuesVersion = version;
    }
  }

  private _versionOf({ version, shape, storage }: TensorDetail): string {
    return JSON.stringify([version, shape, storage?.id]);
  }

  private _changed = new Signal<this, void>(this);
  private _error: ApiError | null = null;
  private _isActive = true;
  private _isDue = false;
  private _loading: 'tensor' | 'values' | null = null;
  private _request: AbortController | null = null;
  private _tensor: TensorDetail | null = null;
  private _values: Values = {};
  private _valuesVersion: string | null = null;
}

function withoutNulls(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null)
  );
}
