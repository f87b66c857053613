import type { IStateDB } from '@jupyterlab/statedb';
import { MessageLoop } from '@lumino/messaging';
import { SplitPanel, Widget } from '@lumino/widgets';
import type { DlkitPanel } from './panel';

/** Where it is kept that the panel has been wide before. */
const KEY = 'jupyter-dlkit:widened';

/** Pixels in which all columns of the table fit. */
const WIDTH = 420;

/**
 * Makes the sidebar wide enough for the table when the panel is first shown.
 *
 * Sidebars begin at 250 pixels, where half the columns are left out.  From
 * then on the user's own width stands.
 */
export async function widenOnce(
  panel: DlkitPanel,
  state: IStateDB
): Promise<void> {
  if ((await state.fetch(KEY)) !== undefined) {
    return;
  }
  const onShown = (): void => {
    panel.shown.disconnect(onShown);
    setWidth(panel, `${WIDTH}px`);
    // The sidebar has taken the width by then, and keeps it.
    window.setTimeout(() => {
      setWidth(panel, '');
      void state.save(KEY, true);
    }, 500);
  };
  if (panel.isVisible) {
    onShown();
  } else {
    panel.shown.connect(onShown);
  }
}

/**
 * Sets the least width of the panel and of what it is in, up to the one that
 * shares the page with the document.
 *
 * In JupyterLab a stack passes the panel's own width on; in Notebook a plain
 * panel is between, which does not.
 */
function setWidth(panel: Widget, width: string): void {
  let widget: Widget | null = panel;
  while (widget !== null) {
    widget.node.style.minWidth = width;
    const { parent }: Widget = widget;
    if (parent !== null) {
      MessageLoop.postMessage(parent, Widget.Msg.FitRequest);
    }
    widget = parent instanceof SplitPanel ? null : parent;
  }
}
