import { Clipboard, Notification } from '@jupyterlab/apputils';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';
import { EditorView } from '@codemirror/view';
import type { IChecks } from '../api/client';
import type { IFindingActions } from './finding';
import { findingNode } from './finding';
import { clearMarks, marksOf, setMarks } from './marks';
import type { IMark } from './marks';
import { CellCheckModel } from './model';
import { CellNotes } from './notes';
import { rangeOf } from './position';
import type { IFinding, IMend } from './types';
import { inWords } from './words';

/** A cell of a notebook. */
export type Cell = NonNullable<Notebook['activeCell']>;

/**
 * What is shown of one cell's shapes: marks in its source and notes below it.
 *
 * It is over, and disposed, as soon as the source changes.
 */
export class CheckedCell implements IDisposable, IFindingActions {
  /** @param again checks the cell again, after a mend. */
  constructor(
    readonly cell: Cell,
    readonly notebook: Notebook,
    server: IChecks,
    private readonly _again: () => void,
    private readonly _trans: TranslationBundle
  ) {
    this.model = new CellCheckModel(server);
    this._notes = new CellNotes(
      {
        goTo: finding => this.goTo(finding),
        mend: (finding, mend) => this.mend(finding, mend),
        copy: code => this.copy(code),
        isReadOnly: this.isReadOnly,
        dismiss: () => this._leave()
      },
      _trans
    );
    const layout = cell.layout as PanelLayout;
    // The header and the source come first.
    layout.insertWidget(2, this._notes);
    this.model.changed.connect(this._draw, this);
    cell.model.sharedModel.changed.connect(this._onCell, this);
    cell.disposed.connect(this.dispose, this);
  }

  readonly model: CellCheckModel;

  get disposed(): Signal<this, void> {
    return this._disposed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get isReadOnly(): boolean {
    return this.cell.readOnly || (this.notebook.model?.readOnly ?? false);
  }

  /** Goes to the next finding in words. */
  focusNext(): void {
    this._notes.focusNext();
  }

  goTo(finding: IFinding): void {
    const view = this._view;
    if (view !== null) {
      const { from, to } = rangeOf(view.state.doc, finding);
      view.dispatch({
        selection: { anchor: from, head: to },
        scrollIntoView: true
      });
      view.focus();
    }
  }

  mend(finding: IFinding, mend: IMend): void {
    const view = this._view;
    if (view === null) {
      return;
    }
    const { from, to } = rangeOf(view.state.doc, finding);
    const { sharedModel } = this.cell.model;
    // Neither what was typed before nor what is typed next is undone with it.
    stopCapturing(sharedModel);
    view.dispatch({
      changes: { from, to, insert: mend.expression },
      selection: { anchor: from + mend.expression.length },
      userEvent: 'input.mend',
      scrollIntoView: true
    });
    stopCapturing(sharedModel);
    view.focus();
    this._again();
  }

  copy(code: string): void {
    Clipboard.copyToSystem(code);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.model.giveUp();
    const view = this._view;
    if (view !== null) {
      clearMarks(view);
    }
    this._notes.dispose();
    this._disposed.emit();
    Signal.clearData(this);
  }

  private get _view(): EditorView | null {
    const { editor, isDisposed } = this.cell;
    return isDisposed || editor === null
      ? null
      : EditorView.findFromDOM(editor.host);
  }

  private _draw(): void {
    const { state } = this.model;
    this._notes.tell(state);
    const view = this._view;
    if (view !== null) {
      const findings = state.what === 'found' ? state.findings : [];
      setMarks(
        view,
        marksOf(view, findings, finding => this._notes.idOf(finding)),
        marks => this._tooltip(marks)
      );
    }
    if (state.what !== 'checking' && !this._isInSight()) {
      const { text, hint } = inWords(state, this._trans);
      Notification.emit([text, hint].filter(Boolean).join(' '), 'info', {
        autoClose: 6000,
        actions: [
          { label: this._trans.__('Show'), callback: () => this.focusNext() }
        ]
      });
    }
  }

  /** Of a long cell, the end may be below the window. */
  private _isInSight(): boolean {
    const window = this.notebook.node.getBoundingClientRect();
    const { top, bottom } = this._notes.node.getBoundingClientRect();
    return top < window.bottom && bottom > window.top;
  }

  /** The same words as below the source, where the mouse is. */
  private _tooltip(marks: readonly IMark[]): HTMLElement {
    const node = document.createElement('div');
    node.className = 'jp-dlkit-Tooltip';
    node.append(
      ...marks.map(({ finding }) => findingNode(finding, this, this._trans))
    );
    return node;
  }

  private _onCell(_: unknown, change: { sourceChange?: unknown }): void {
    if (change.sourceChange !== undefined) {
      this.dispose();
    }
  }

  private _leave(): void {
    const hadFocus = this._notes.node.contains(document.activeElement);
    this.dispose();
    if (hadFocus) {
      this.cell.node.focus();
    }
  }

  private _disposed = new Signal<this, void>(this);
  private _isDisposed = false;
  private _notes: CellNotes;
}

/** Ends the undo step, where the document has such steps. */
function stopCapturing(sharedModel: object): void {
  const { undoManager } = sharedModel as {
    undoManager?: { stopCapturing(): void } | null;
  };
  undoManager?.stopCapturing();
}
