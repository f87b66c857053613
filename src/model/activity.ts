import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext, IWidgetTracker } from '@jupyterlab/apputils';
import type { ConsolePanel, IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

/** The kernel that the panel shows. */
export interface ICurrentKernel {
  readonly id: string;
  /** Name of its notebook or console, as its tab says. */
  readonly title: string;
  /** Display name of the kernel. */
  readonly kernel: string;
  /** `idle`, `busy`, `starting`, `restarting`, … as the page knows it. */
  readonly state: string;
}

/** What the models need to know of notebooks and consoles. */
export interface IActivity {
  /** Null without a notebook or console, or when it has no kernel. */
  readonly current: ICurrentKernel | null;
  /** Title of the notebook or console that has no kernel (yet), or null. */
  readonly withoutKernel: string | null;
  /** The notebook that is followed; null for a console. */
  readonly notebook: NotebookPanel | null;
  /** It is about to have one. */
  readonly isStarting: boolean;
  readonly changed: ISignal<IActivity, void>;
  /** The kernel restarted: what was known of it is history. */
  readonly restarted: ISignal<IActivity, void>;
}

/** A notebook or a console. */
type Followed = NotebookPanel | ConsolePanel;

/**
 * Follows the notebook or console that was last in use.
 *
 * The trackers do not tell a change from a console back to the same notebook,
 * so the application's current widget is followed, and they say what it is.
 */
export class Activity implements IActivity {
  constructor(
    private readonly _shell: JupyterFrontEnd.IShell,
    private readonly _notebooks: INotebookTracker | null,
    private readonly _consoles: IConsoleTracker | null
  ) {
    _shell.currentChanged?.connect(this._look, this);
    _notebooks?.currentChanged.connect(this._look, this);
    _consoles?.currentChanged.connect(this._look, this);
    this._look();
  }

  get current(): ICurrentKernel | null {
    const session = this._followed?.sessionContext;
    const kernel = session?.session?.kernel;
    if (this._followed === null || !session || !kernel) {
      return null;
    }
    return {
      id: kernel.id,
      title: this._followed.title.label || session.name,
      kernel: session.kernelDisplayName,
      state: kernel.connectionStatus === 'connected' ? kernel.status : 'unknown'
    };
  }

  get withoutKernel(): string | null {
    return this._followed === null || this.current !== null
      ? null
      : this._followed.title.label || this._followed.sessionContext.name;
  }

  get notebook(): NotebookPanel | null {
    const { _followed } = this;
    return _followed !== null && this._notebooks?.has(_followed)
      ? (_followed as NotebookPanel)
      : null;
  }

  get isStarting(): boolean {
    const session = this._followed?.sessionContext;
    return (
      session !== undefined &&
      !session.hasNoKernel &&
      ['initializing', 'starting', 'connecting'].includes(
        session.kernelDisplayStatus
      )
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get restarted(): ISignal<this, void> {
    return this._restarted;
  }

  private _look(): void {
    const { currentWidget } = this._shell;
    const current =
      this._ofTracker(this._notebooks, currentWidget) ??
      this._ofTracker(this._consoles, currentWidget) ??
      this._followed ??
      this._notebooks?.currentWidget ??
      this._consoles?.currentWidget ??
      null;
    if (current !== null && current !== this._followed) {
      this._leave();
      this._follow(current);
    }
  }

  private _ofTracker<T extends Followed>(
    tracker: IWidgetTracker<T> | null,
    widget: Widget | null
  ): T | null {
    return widget !== null && tracker?.has(widget) ? (widget as T) : null;
  }

  private _follow(widget: Followed): void {
    this._followed = widget;
    widget.disposed.connect(this._onDisposed, this);
    const { sessionContext } = widget;
    sessionContext.kernelChanged.connect(this._onChanged, this);
    sessionContext.sessionChanged.connect(this._onChanged, this);
    sessionContext.propertyChanged.connect(this._onChanged, this);
    sessionContext.connectionStatusChanged.connect(this._onChanged, this);
    sessionContext.statusChanged.connect(this._onStatus, this);
    this._changed.emit();
  }

  private _leave(): void {
    if (this._followed !== null) {
      Signal.disconnectBetween(this._followed, this);
      Signal.disconnectBetween(this._followed.sessionContext, this);
      this._followed = null;
    }
  }

  private _onChanged(): void {
    this._changed.emit();
  }

  private _onStatus(_: ISessionContext, status: string): void {
    if (status === 'restarting' || status === 'autorestarting') {
      this._restarted.emit();
    }
    this._changed.emit();
  }

  private _onDisposed(): void {
    this._leave();
    this._look();
    this._changed.emit();
  }

  private _changed = new Signal<this, void>(this);
  private _followed: Followed | null = null;
  private _restarted = new Signal<this, void>(this);
}
