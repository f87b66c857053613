import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { findingNode } from './finding';
import type { IFindingActions } from './finding';
import type { CellState } from './model';
import type { IFinding } from './types';
import { inWords } from './words';

/** What was found, in words, below the source of its cell. */
export class CellNotes extends Widget {
  constructor(
    private readonly _actions: IFindingActions & { dismiss(): void },
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-dlkit-Notes');
    this.id = `jp-dlkit-notes-${count++}`;
    const { node } = this;
    node.setAttribute('role', 'group');
    node.setAttribute('aria-label', _trans.__('Shapes in this cell'));
    // The notebook's one-letter keys are not meant for the buttons in here.
    node.dataset.lmSuppressShortcuts = 'true';
    node.addEventListener('keydown', this);
    this._status.className = 'jp-dlkit-Notes-status';
    this._status.setAttribute('role', 'status');
    this._list.className = 'jp-dlkit-Notes-list';
    const head = document.createElement('div');
    head.className = 'jp-dlkit-Notes-head';
    head.append(this._status, this._dismiss);
    node.append(head, this._list);
    this._addCross();
  }

  /** Says the state; a screen reader says what is new in it. */
  tell(state: CellState): void {
    this.node.dataset.state = state.what;
    const { text, hint } = inWords(state, this._trans);
    const more = document.createElement('span');
    more.className = 'jp-dlkit-Notice-hint';
    more.textContent = hint;
    this._status.replaceChildren(text, ' ', more);
    this._findings = state.what === 'found' ? state.findings : [];
    this.node.dataset.found = String(this._findings.length > 0);
    this._list.hidden = this._findings.length === 0;
    this._list.replaceChildren(
      ...this._findings.map(finding => {
        const item = document.createElement('li');
        item.id = this.idOf(finding);
        item.append(findingNode(finding, this._actions, this._trans));
        return item;
      })
    );
  }

  /** Id of the element that says a finding in words. */
  idOf(finding: IFinding): string {
    return `${this.id}-${this._findings.indexOf(finding)}`;
  }

  /** Goes to the next finding, after the last one to the first. */
  focusNext(): void {
    const items = Array.from(this._list.children);
    const at = items.findIndex(item => item.contains(document.activeElement));
    const next = items[(at + 1) % items.length]?.querySelector('button');
    (next ?? this._dismiss).focus();
  }

  handleEvent(event: Event): void {
    const { key } = event as KeyboardEvent;
    if (key === 'F8') {
      this.focusNext();
    } else if (key === 'Escape') {
      this._actions.dismiss();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _addCross(): void {
    const label = this._trans.__('Dismiss');
    this._dismiss.type = 'button';
    this._dismiss.className = 'jp-dlkit-Tool';
    this._dismiss.title = label;
    this._dismiss.setAttribute('aria-label', label);
    this._dismiss.addEventListener('click', () => this._actions.dismiss());
    closeIcon.element({
      container: this._dismiss,
      tag: 'span',
      width: '12px',
      height: '12px'
    });
  }

  private _dismiss = document.createElement('button');
  private _findings: readonly IFinding[] = [];
  private _list = document.createElement('ul');
  private _status = document.createElement('p');
}

/** Of notes, so that each has an id of its own. */
let count = 0;
