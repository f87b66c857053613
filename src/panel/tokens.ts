import { Token } from '@lumino/coreutils';
import type { DlkitPanel } from './panel';

/** The panel, for commands that go to a part of it. */
export const IDlkitPanel = new Token<DlkitPanel>(
  'jupyter-dlkit:IDlkitPanel',
  'The panel of DL Kit in the right sidebar.'
);
