import type { IStateDB } from '@jupyterlab/statedb';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
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
    panel.node.style.minWidth = `${WIDTH}px`;
    MessageLoop.postMessage(panel, Widget.Msg.FitRequest);
    MessageLoop.postMessage(panel.parent ?? panel, Widget.Msg.FitRequest);
    // The sidebar has taken the width by then, and keeps it.
    window.setTimeout(() => {
      panel.node.style.minWidth = '';
      void state.save(KEY, true);
    }, 500);
  };
  if (panel.isVisible) {
    onShown();
  } else {
    panel.shown.connect(onShown);
  }
}
