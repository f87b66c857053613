import { ReactWidget } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import type { LiveModel } from '../model/live';
import { useSignals } from '../panel/signals';
import { formatBytes } from '../panel/sizes';

/** What this kernel's tensors take, of accelerators and of RAM. */
export class MemoryItem extends ReactWidget {
  constructor(
    private readonly _live: LiveModel,
    private readonly _show: () => void,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-mod-highlighted');
    _live.settings.changed.connect(this._look, this);
    document.addEventListener('visibilitychange', this._onVisibility);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      document.removeEventListener('visibilitychange', this._onVisibility);
      this._live.settings.changed.disconnect(this._look, this);
      this._watch?.dispose();
      super.dispose();
    }
  }

  protected render(): React.JSX.Element {
    return (
      <Memory live={this._live} onClick={this._show} trans={this._trans} />
    );
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._look();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._look();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._look();
  }

  /** Now and then is enough for a glance; nothing while nobody can see it. */
  private _look(): void {
    const isWanted =
      this.isAttached &&
      this.isVisible &&
      !document.hidden &&
      this._live.settings.values.statusBar;
    if (isWanted && this._watch === null) {
      this._watch = this._live.watch(false);
    } else if (!isWanted && this._watch !== null) {
      this._watch.dispose();
      this._watch = null;
    }
  }

  private _onVisibility = (): void => this._look();

  private _watch: IDisposable | null = null;
}

function Memory(props: {
  live: LiveModel;
  onClick: () => void;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { live, trans } = props;
  const { tensors, settings } = live;
  useSignals(live.changed, tensors.changed, settings.changed);
  const { enabled, statusBar } = settings.values;
  if (!enabled || !statusBar || !live.current || tensors.head === null) {
    return null;
  }
  const { totals } = tensors.table;
  // RAM last: the accelerator is what runs out.
  const parts = Object.keys({ ...totals, cpu: null })
    .filter(device => device !== 'meta' && device !== 'cpu')
    .concat('cpu')
    .map(device => `${device} ${formatBytes(totals[device]?.bytes ?? 0)}`);
  return (
    <button
      type="button"
      className="jp-dlkit-Status"
      title={trans.__(
        'Memory of the tensors of %1. Click to see them.',
        live.current.title
      )}
      onClick={props.onClick}
    >
      {trans.__('Tensors: %1', parts.join(' · '))}
    </button>
  );
}
