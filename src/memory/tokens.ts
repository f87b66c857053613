import { Token } from '@lumino/coreutils';
import type { ReleasesModel } from './releases';

/** What gives memory back, for whoever can say what is worth it. */
export const IReleases = new Token<ReleasesModel>(
  'jupyter-dlkit:IReleases',
  'Releases of memory in the current kernel.'
);
