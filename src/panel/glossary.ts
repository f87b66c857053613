import type { TranslationBundle } from '@jupyterlab/translation';

/** The terms that the panel shows and explains. */
export type Term =
  | 'accelerator'
  | 'aliases'
  | 'allocated'
  | 'buffer'
  | 'bytes'
  | 'container'
  | 'contiguous'
  | 'device'
  | 'dtype'
  | 'exception'
  | 'frame'
  | 'grad'
  | 'grad_fn'
  | 'gradient'
  | 'graph'
  | 'histogram'
  | 'inf'
  | 'layout'
  | 'leaf'
  | 'max'
  | 'mean'
  | 'min'
  | 'name'
  | 'nan'
  | 'numel'
  | 'optimizer'
  | 'output'
  | 'owner'
  | 'parameter'
  | 'rank'
  | 'requires_grad'
  | 'reserved'
  | 'shape'
  | 'std'
  | 'storage'
  | 'storage_offset'
  | 'stride'
  | 'type'
  | 'unreachable'
  | 'variable'
  | 'version'
  | 'view'
  | 'zeros';

/** What a term means, in plain words. */
export function explain(term: Term, trans: TranslationBundle): string {
  switch (term) {
    case 'accelerator':
      return trans.__(
        'Any device other than the CPU that computes with tensors, such as a GPU.'
      );
    case 'aliases':
      return trans.__('Other expressions that give this very same tensor.');
    case 'allocated':
      return trans.__(
        'Memory that tensors use now, as PyTorch’s allocator counts it.'
      );
    case 'buffer':
      return trans.__(
        'A tensor that belongs to a module but is not trained, such as the running mean of a BatchNorm.'
      );
    case 'bytes':
      return trans.__(
        'Memory that the elements take: their number times the size of one. Tensors that share a storage share these bytes.'
      );
    case 'container':
      return trans.__(
        'Held in a list, tuple, dict, set or attribute rather than by a name of its own.'
      );
    case 'contiguous':
      return trans.__(
        'The elements lie in memory one after the other, in reading order, without gaps. Some operations, such as view(), need that.'
      );
    case 'device':
      return trans.__(
        'Where the elements are: cpu is the computer’s main memory, cuda:0 the first GPU. Tensors must be on one device to be combined.'
      );
    case 'dtype':
      return trans.__(
        'The kind of number of each element, such as float32: decides range, precision and bytes.'
      );
    case 'exception':
      return trans.__(
        'Kept alive by the last exception: its traceback holds the variables of every function it went through.'
      );
    case 'frame':
      return trans.__('A local variable of a function that is running.');
    case 'grad':
      return trans.__(
        'The gradient that backward() stored for this tensor; an optimizer’s step uses it.'
      );
    case 'grad_fn':
      return trans.__(
        'The operation that made this tensor, as autograd remembers it for backward().'
      );
    case 'gradient':
      return trans.__(
        'The gradient of a parameter, stored by backward(); zero_grad() lets go of it.'
      );
    case 'graph':
      return trans.__(
        'An activation: saved by the autograd graph, to be used by backward().'
      );
    case 'histogram':
      return trans.__(
        'How many elements have a value in each of these intervals.'
      );
    case 'inf':
      return trans.__('Elements that are plus or minus infinity.');
    case 'layout':
      return trans.__(
        'How the elements are kept: strided is the usual dense one, sparse layouts keep only those that are not zero.'
      );
    case 'leaf':
      return trans.__(
        'Not made by an operation that autograd recorded. backward() fills .grad of leaf tensors that require it.'
      );
    case 'max':
      return trans.__('The largest element; NaN is left out.');
    case 'mean':
      return trans.__('The average of the elements; NaN and Inf are left out.');
    case 'min':
      return trans.__('The smallest element; NaN is left out.');
    case 'name':
      return trans.__(
        'The shortest expression that reaches this tensor from your variables.'
      );
    case 'nan':
      return trans.__(
        'Elements that are “not a number”, such as the result of 0/0. One is enough to spoil a sum or a loss.'
      );
    case 'numel':
      return trans.__('The number of elements: the product of the sizes.');
    case 'optimizer':
      return trans.__(
        'State that an optimizer keeps for a parameter, such as Adam’s averages.'
      );
    case 'output':
      return trans.__(
        'Kept alive by the notebook’s output history: Out[n], _ and __.'
      );
    case 'owner':
      return trans.__('What keeps this tensor alive.');
    case 'parameter':
      return trans.__(
        'A weight or bias of a module, to be trained by an optimizer.'
      );
    case 'rank':
      return trans.__(
        'The number of dimensions: 0 for a single number, 1 for a vector, 2 for a matrix. (Not the rank of a matrix in linear algebra.)'
      );
    case 'requires_grad':
      return trans.__(
        'Whether autograd records what is done with this tensor, to compute gradients.'
      );
    case 'reserved':
      return trans.__(
        'Memory that PyTorch’s allocator took from the device: for tensors, and kept ready for the next ones.'
      );
    case 'shape':
      return trans.__(
        'The size of each dimension: (2, 3) has 2 rows and 3 columns, () is a single number.'
      );
    case 'std':
      return trans.__(
        'Standard deviation: how far the elements are spread around their mean; NaN and Inf are left out.'
      );
    case 'storage':
      return trans.__(
        'The block of memory behind a tensor. Several tensors may look at one storage; writing to one then changes the others.'
      );
    case 'storage_offset':
      return trans.__('Where in its storage the tensor begins, in elements.');
    case 'stride':
      return trans.__(
        'For each dimension, how many elements further in memory its next index is. 0 repeats the same element.'
      );
    case 'type':
      return trans.__('The Python class of the object.');
    case 'unreachable':
      return trans.__(
        'Nothing that has a name leads to it; it lives until Python collects garbage.'
      );
    case 'variable':
      return trans.__('A variable of the notebook or console.');
    case 'version':
      return trans.__(
        'Grows by one with each in-place change; autograd uses it to notice values that changed too early.'
      );
    case 'view':
      return trans.__(
        'Shows the elements of another tensor without copying them: they share one storage.'
      );
    case 'zeros':
      return trans.__('Elements that are exactly zero.');
  }
}
