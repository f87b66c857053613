import type { NotebookPanel } from '@jupyterlab/notebook';

/** Adds a cell with this code below the active one; false if it may not. */
export function insertBelow({ content }: NotebookPanel, code: string): boolean {
  const { model } = content;
  if (model === null || model.readOnly) {
    return false;
  }
  const at = content.activeCellIndex + 1;
  model.sharedModel.insertCell(at, {
    cell_type: 'code',
    source: code,
    metadata: {}
  });
  content.deselectAll();
  content.activeCellIndex = at;
  return true;
}
