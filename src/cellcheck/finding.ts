import type { TranslationBundle } from '@jupyterlab/translation';
import type { IFinding, IMend } from './types';

/** What can be done about a finding. */
export interface IFindingActions {
  /** Goes to the sub-expression. */
  goTo(finding: IFinding): void;
  /** Writes the mend in its place. */
  mend(finding: IFinding, mend: IMend): void;
  copy(code: string): void;
  /** The cell may not be changed: mends are copied. */
  readonly isReadOnly: boolean;
}

/** Mends that are shown at once; they come best first. */
const SHOWN = 2;

/**
 * A finding in words, with its mends as buttons.
 *
 * Names come from a user's code: they are text here, never HTML.
 */
export function findingNode(
  finding: IFinding,
  actions: IFindingActions,
  trans: TranslationBundle
): HTMLElement {
  const isError = finding.severity === 'error';
  const node = element('div', 'jp-dlkit-Finding');
  node.dataset.severity = finding.severity;
  const sign = element('span', 'jp-dlkit-Finding-sign', isError ? '✖' : '⚠');
  sign.setAttribute('aria-hidden', 'true');
  const where = button('jp-dlkit-Link', trans.__('line %1', finding.line), () =>
    actions.goTo(finding)
  );
  const head = element('p', 'jp-dlkit-Finding-head');
  head.append(
    sign,
    element(
      'strong',
      'jp-dlkit-Finding-verdict',
      isError ? trans.__('Would fail') : trans.__('Runs, but look')
    ),
    where,
    element('code', 'jp-dlkit-Finding-source', finding.source)
  );
  node.append(head, element('p', 'jp-dlkit-Finding-message', finding.message));
  const mends = finding.mends.map(mend =>
    mendNode(finding, mend, actions, trans)
  );
  node.append(...listed(mends.slice(0, SHOWN)));
  if (mends.length > SHOWN) {
    const more = element('details', 'jp-dlkit-Folded');
    more.append(
      element(
        'summary',
        'jp-dlkit-Finding-more',
        trans.__('%1 more', mends.length - SHOWN)
      ),
      ...listed(mends.slice(SHOWN))
    );
    node.append(more);
  }
  return node;
}

function listed(items: HTMLElement[]): HTMLElement[] {
  const list = element('ul', 'jp-dlkit-Finding-mends');
  list.append(...items);
  return items.length > 0 ? [list] : [];
}

function mendNode(
  finding: IFinding,
  mend: IMend,
  actions: IFindingActions,
  trans: TranslationBundle
): HTMLElement {
  const item = element('li', 'jp-dlkit-Finding-mend');
  const { expression, message } = mend;
  const press = button('jp-dlkit-Button', '', () =>
    actions.isReadOnly ? actions.copy(expression) : actions.mend(finding, mend)
  );
  press.append(element('code', 'jp-dlkit-Finding-source', expression));
  const label = actions.isReadOnly
    ? trans.__('Copy %1', expression)
    : trans.__('Replace %1 by %2', finding.source, expression);
  press.title = label;
  press.setAttribute('aria-label', label);
  item.append(press, element('span', 'jp-dlkit-Finding-why', message));
  return item;
}

function button(
  className: string,
  label: string,
  onClick: () => void
): HTMLButtonElement {
  const node = element('button', className, label);
  node.type = 'button';
  node.addEventListener('click', onClick);
  return node;
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = ''
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
