import type { TranslationBundle } from '@jupyterlab/translation';
import type { MemoryOther, MemoryOwner } from '../api/types';

/** What bytes are kept for: a colour of the bar and of the map. */
export const KINDS = [
  'parameters',
  'gradients',
  'optimizer',
  'activations',
  'variables',
  'outputs',
  'exception',
  'unreachable',
  'workspaces',
  'unaccounted',
  'cache',
  'others'
] as const;

export type Kind = (typeof KINDS)[number];

/** The kind of what an owner has. */
export function kindOf(owner: MemoryOwner['owner']): Kind {
  switch (owner) {
    case 'parameter':
    case 'buffer':
      return 'parameters';
    case 'gradient':
      return 'gradients';
    case 'optimizer':
      return 'optimizer';
    case 'graph':
      return 'activations';
    case 'output':
      return 'outputs';
    case 'exception':
      return 'exception';
    case 'unreachable':
      return 'unreachable';
    case 'workspace':
      return 'workspaces';
    default:
      return 'variables';
  }
}

/** A kind, in a legend. */
export function kindText(kind: Kind, trans: TranslationBundle): string {
  switch (kind) {
    case 'parameters':
      return trans.__('parameters');
    case 'gradients':
      return trans.__('gradients');
    case 'optimizer':
      return trans.__('optimizer state');
    case 'activations':
      return trans.__('activations');
    case 'variables':
      return trans.__('variables');
    case 'outputs':
      return trans.__('outputs');
    case 'exception':
      return trans.__('last exception');
    case 'unreachable':
      return trans.__('out of reach');
    case 'workspaces':
      return trans.__('workspaces');
    case 'unaccounted':
      return trans.__('unaccounted');
    case 'cache':
      return trans.__('cache');
    case 'others':
      return trans.__('no tensors of this kernel');
  }
}

/** An owner, beside its name. */
export function ownerText(
  owner: MemoryOwner['owner'],
  trans: TranslationBundle
): string {
  switch (owner) {
    case 'buffer':
      return trans.__('buffers');
    case 'variable':
      return trans.__('variable');
    case 'container':
      return trans.__('container');
    case 'frame':
      return trans.__('running function');
    case 'output':
      return trans.__('output');
    default:
      return kindText(kindOf(owner), trans);
  }
}

/** What it means that an owner has bytes, in a sentence. */
export function ownerSentence(
  owner: MemoryOwner['owner'],
  trans: TranslationBundle
): string {
  switch (owner) {
    case 'parameter':
      return trans.__('Parameters of a module: what training changes.');
    case 'buffer':
      return trans.__('Buffers of a module: state that is not trained.');
    case 'gradient':
      return trans.__(
        'Gradients, from backward() until zero_grad() frees them.'
      );
    case 'optimizer':
      return trans.__('What an optimizer remembers of each parameter.');
    case 'variable':
      return trans.__('A variable of the notebook.');
    case 'container':
      return trans.__('In a list, a dict or an object of a variable.');
    case 'frame':
      return trans.__('A local variable of a function that is running.');
    case 'graph':
      return trans.__(
        'Activations: tensors that autograd saved for backward(). They are free when this name, and every other result of that computation, is gone.'
      );
    case 'output':
      return trans.__(
        'The value of a cell’s last line: Jupyter keeps it in Out.'
      );
    case 'exception':
      return trans.__(
        'Local variables of the functions that failed: they are kept so that %debug can show them.'
      );
    case 'unreachable':
      return trans.__(
        'No name reaches it any more, but Python has not collected it.'
      );
    case 'workspace':
      return trans.__('What a library, such as cuBLAS, keeps to compute.');
  }
}

/** What is no tensor of this kernel, beside its name. */
export function otherText(
  kind: MemoryOther['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'context':
      return trans.__('context');
    case 'child':
      return trans.__('own process');
    case 'kernel':
      return trans.__('other kernel');
    case 'process':
      return trans.__('other process');
    case 'untold':
      return trans.__('not told');
    case 'rest':
      return trans.__('no tensors');
  }
}

/** The same in a sentence. */
export function otherSentence(
  kind: MemoryOther['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'context':
      return trans.__(
        'What the driver and its libraries need in this process, beside what the allocator took. It goes with the kernel.'
      );
    case 'child':
      return trans.__('A process that this kernel started.');
    case 'kernel':
      return trans.__(
        'Another kernel of this server. What is deleted here does not change it.'
      );
    case 'process':
      return trans.__(
        'Another program. What is deleted here does not change it.'
      );
    case 'untold':
      return trans.__('In use, and the driver does not say by whom.');
    case 'rest':
      return trans.__(
        'Python, its libraries and every object that is no tensor.'
      );
  }
}
