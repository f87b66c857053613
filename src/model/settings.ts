import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

/** The columns of the tensor table, by their field. */
export const COLUMNS = [
  'name',
  'shape',
  'rank',
  'dtype',
  'device',
  'bytes',
  'owner',
  'type'
] as const;

export type ColumnId = (typeof COLUMNS)[number];

/** What the user set; the meaning of each is in `schema/plugin.json`. */
export interface IValues {
  readonly enabled: boolean;
  /** Seconds. */
  readonly interval: number;
  readonly columns: readonly ColumnId[];
  readonly sparkline: boolean;
  readonly statusBar: boolean;
  readonly previewEveryMove: boolean;
}

/** The user's settings, as the models and views read them. */
export class Settings {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get values(): IValues {
    return this._values;
  }

  set values(values: IValues) {
    this._values = values;
    this._isLoaded = true;
    this._changed.emit();
  }

  /** False until it is known what the user set: until then nothing starts. */
  get isLoaded(): boolean {
    return this._isLoaded;
  }

  private _changed = new Signal<this, void>(this);
  private _isLoaded = false;
  private _values: IValues = {
    enabled: true,
    interval: 2,
    columns: ['name', 'shape', 'rank', 'dtype', 'device', 'bytes'],
    sparkline: true,
    statusBar: true,
    previewEveryMove: true
  };
}
