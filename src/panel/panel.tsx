import { Clipboard, ReactWidget } from '@jupyterlab/apputils';
import type { IThemeManager } from '@jupyterlab/apputils';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { Message } from '@lumino/messaging';
import type {
  AccordionPanel,
  Menu,
  PanelLayout,
  Widget
} from '@lumino/widgets';
import * as React from 'react';
import { CommandIDs } from '../commands/ids';
import { SHOW_DOCTOR } from '../doctor/ids';
import type { LiveModel } from '../model/live';
import { CheckView } from './check/view';
import { DetailView } from './detail/view';
import { DevicesView } from './devices/view';
import { Fit } from './fit';
import { Header } from './header';
import { dlkitIcon } from './icon';
import { deviceMenu } from './moves/menu';
import { ChangesView } from './moves/view';
import { TensorsView } from './tensors/view';

/**
 * The panel of the right sidebar: a header and an accordion of sections.
 *
 * It watches the models while it is on the screen, and only then.
 */
export class DlkitPanel extends SidePanel {
  constructor(
    private readonly _live: LiveModel,
    private readonly _commands: CommandRegistry,
    private readonly _themes: IThemeManager | null,
    translator: ITranslator
  ) {
    super({ translator });
    const trans = translator.load('jupyter_dlkit');
    this.id = 'jupyter-dlkit-panel';
    this.addClass('jp-dlkit-Panel');
    this.title.icon = dlkitIcon;
    this.title.caption = trans.__('DL Kit: live tensors and devices');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('DL Kit'));
    this.header.addWidget(
      section('header', null, <Header {...this._shared(trans)} />)
    );
    this._addSections(trans);
    this._addChanges(trans);
    document.addEventListener('visibilitychange', this._onVisibility);
  }

  /** The panel came to the front. */
  get shown(): ISignal<this, void> {
    return this._shown;
  }

  /** Opens a section of the accordion. */
  expand(name: string): void {
    const at = this.content.widgets.findIndex(
      widget => nameOf(widget) === name
    );
    (this.content as AccordionPanel).expand(at);
  }

  /** Adds a section below the others, folded; sections in the order of their ranks. */
  addSection(options: {
    name: string;
    label: string;
    view: React.JSX.Element;
    rank: number;
    /** Told whether it is open and on the screen. */
    onVisible: (isVisible: boolean) => void;
  }): void {
    const { name, label, view, rank, onVisible } = options;
    const content = this.content as AccordionPanel;
    this._added.push({ widget: section(name, label, view), rank, onVisible });
    this._added.sort((one, other) => one.rank - other.rank);
    const at = this._added.findIndex(({ widget }) => nameOf(widget) === name);
    this.insertWidget(SECTIONS.length + at, this._added[at].widget);
    content.collapse(SECTIONS.length + at);
    this._onVisibility();
  }

  /** Puts the cursor into the search field. */
  focusSearch(): void {
    this.expand('tensors');
    this.node.querySelector<HTMLElement>('.jp-dlkit-Search')?.focus();
  }

  /** Goes to the detail of the selected tensor. */
  focusDetail(): void {
    this.expand('detail');
    this._detail.node.tabIndex = -1;
    this._detail.node.focus();
  }

  /** Goes to the checker of shapes. */
  focusCheck(): void {
    this.expand('shapes');
    // What was brought there is drawn in the next frame.
    window.requestAnimationFrame(() => {
      this._shapes.node
        .querySelector<HTMLElement>('.jp-dlkit-Input, input')
        ?.focus();
    });
  }

  /**
   * Shows the devices to which the chosen lines can be moved, at the line where
   * the keyboard is; false when the table is not on the screen.
   */
  offerDevices(): boolean {
    const grid = this.node.querySelector('.jp-dlkit-Grid');
    if (grid === null || !this.isVisible || grid.clientHeight === 0) {
      return false;
    }
    const line = grid.querySelector('[data-active]') ?? grid;
    this._offerDevicesAt(line.getBoundingClientRect());
    // From the keyboard: the first device is a key away.
    this._menu.activateNextItem();
    return true;
  }

  /** A person asks for a change: what it asks in turn gets the focus. */
  bringUp(): void {
    this._isAskedFor = true;
    void this._commands.execute(CommandIDs.show);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      document.removeEventListener('visibilitychange', this._onVisibility);
      this._fit.dispose();
      this._menu.dispose();
      this._watch?.dispose();
      super.dispose();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._onVisibility();
    this._shown.emit();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._onVisibility();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._onVisibility();
  }

  protected override onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this._watch?.dispose();
    this._watch = null;
    this._live.check.isActive = false;
    this._added.forEach(({ onVisible }) => onVisible(false));
  }

  private _addSections(trans: TranslationBundle): void {
    const shared = this._shared(trans);
    const content = this.content as AccordionPanel;
    this.addWidget(
      section(
        'devices',
        trans.__('Devices'),
        <DevicesView
          {...shared}
          themes={this._themes}
          onWhy={() => void this._commands.execute(SHOW_DOCTOR)}
        />
      )
    );
    this.addWidget(
      section(
        'tensors',
        trans.__('Tensors'),
        <TensorsView
          {...shared}
          onOpen={andFocus =>
            andFocus ? this.focusDetail() : this.expand('detail')
          }
          onMove={at => this._offerDevicesAt(at)}
          onDelete={() => void this._commands.execute(CommandIDs.deleteTensors)}
          onCheck={() => void this._commands.execute(CommandIDs.checkShapes)}
        />
      )
    );
    this._detail = section(
      'detail',
      trans.__('Detail'),
      <DetailView
        {...shared}
        onCopy={expression => Clipboard.copyToSystem(expression)}
      />
    );
    this.addWidget(this._detail);
    this._shapes = section(
      'shapes',
      trans.__('Shapes'),
      <CheckView {...shared} actions={this._codeActions} />
    );
    this.addWidget(this._shapes);
    for (const name of ['detail', 'shapes'] as const) {
      content.collapse(SECTIONS.indexOf(name));
    }
    content.expansionToggled.connect(this._onVisibility, this);
    this._fit = new Fit(content, this._live.devices.changed);
  }

  /** Below the sections, so that no line moves away under the mouse. */
  private _addChanges(trans: TranslationBundle): void {
    this._menu = deviceMenu(this._commands, this._live.devices, trans);
    const widget = section(
      'changes',
      null,
      <ChangesView
        {...this._shared(trans)}
        actions={this._codeActions}
        takesFocus={this._takesFocus}
        onLostFocus={this._onLostFocus}
      />
    );
    (this.layout as PanelLayout).addWidget(widget);
  }

  private _offerDevicesAt({ left, bottom }: DOMRect): void {
    this._menu.open(left, bottom);
  }

  private _takesFocus = (): boolean => {
    const isAskedFor = this._isAskedFor;
    this._isAskedFor = false;
    return isAskedFor;
  };

  private _onLostFocus = (): void => {
    this.node.querySelector<HTMLElement>('.jp-dlkit-Grid')?.focus();
  };

  private _shared(trans: TranslationBundle): IShared {
    return { live: this._live, trans };
  }

  private _onVisibility = (): void => {
    const isWanted = this.isAttached && this.isVisible && !document.hidden;
    if (isWanted && this._watch === null) {
      this._watch = this._live.watch(true);
    } else if (!isWanted && this._watch !== null) {
      this._watch.dispose();
      this._watch = null;
    }
    this._live.check.isActive = isWanted && this._shapes.isVisible;
    this._added.forEach(({ widget, onVisible }) =>
      onVisible(isWanted && widget.isVisible)
    );
  };

  private _codeActions = {
    copy: (code: string): void => Clipboard.copyToSystem(code),
    insert: (code: string): void =>
      void this._commands.execute(CommandIDs.insertCode, { code })
  };

  private _added: {
    readonly widget: ReactWidget;
    readonly rank: number;
    readonly onVisible: (isVisible: boolean) => void;
  }[] = [];
  private _detail!: ReactWidget;
  private _fit!: Fit;
  private _isAskedFor = false;
  private _menu!: Menu;
  private _shapes!: ReactWidget;
  private _shown = new Signal<this, void>(this);
  private _watch: IDisposable | null = null;
}

/** The sections that are always there, from top to bottom; others come below. */
const SECTIONS = ['devices', 'tensors', 'detail', 'shapes'] as const;

interface IShared {
  live: LiveModel;
  trans: TranslationBundle;
}

function nameOf(widget: Widget): string | undefined {
  return widget.node.dataset.section;
}

/** A widget around a view. */
function section(
  name: string,
  label: string | null,
  view: React.JSX.Element
): ReactWidget {
  const widget = ReactWidget.create(view);
  widget.addClass('jp-dlkit-Section');
  widget.node.dataset.section = name;
  if (label !== null) {
    widget.title.label = label;
  }
  return widget;
}
