import { Token } from '@lumino/coreutils';
import type { LiveModel } from './live';

/** The models of DL Kit, for its own plugins and for others'. */
export const ILiveModel = new Token<LiveModel>(
  'jupyter-dlkit:ILiveModel',
  'What DL Kit knows of the current kernel: its tensors and devices.'
);
