/** Operations of one kind, in a menu together. */
export type Family =
  | 'elementwise'
  | 'comparison'
  | 'in place'
  | 'product'
  | 'joining'
  | 'loss'
  | 'layer'
  | 'reshaping';

/** An argument that is no tensor. */
export interface IArgument {
  readonly name: string;
  /** `int`: a whole number; `ints`: one, or a list of them; `text`: as it is. */
  readonly kind: 'int' | 'ints' | 'text';
  /** As a person would type it; empty: torch's own. */
  readonly preset: string;
}

/** What a person can pick; the rules are the server's. */
export interface IOperation {
  /** torch's own name. */
  readonly name: string;
  readonly family: Family;
  /** torch's names of the operands; of one that may be left out with a `?`. */
  readonly operands: readonly string[];
  /** As many of the last operand as one likes. */
  readonly isMany: boolean;
  readonly args: readonly IArgument[];
  /** How it is written between two operands, if there is such a way. */
  readonly sign: string | null;
}

function one(
  family: Family,
  name: string,
  operands = 'input other',
  args: readonly IArgument[] = [],
  sign: string | null = null
): IOperation {
  const isMany = operands.endsWith('*');
  return {
    name,
    family,
    operands: operands.replace('*', '').split(' '),
    isMany,
    args,
    sign
  };
}

function signed(family: Family, pairs: string): IOperation[] {
  return pairs.split(', ').map(pair => {
    const [name, sign] = pair.split(' ');
    return one(family, name, 'input other', [], sign);
  });
}

const DIM: IArgument = { name: 'dim', kind: 'int', preset: '0' };
const SHAPE: IArgument = { name: 'shape', kind: 'ints', preset: '' };
const CONVOLUTION: readonly IArgument[] = ['stride', 'padding'].map(name => ({
  name,
  kind: 'ints',
  preset: ''
}));

/** Every operation that can be picked; the checker itself knows more. */
export const OPERATIONS: readonly IOperation[] = [
  ...signed('elementwise', 'add +, sub -, mul *, div /, pow **'),
  one('elementwise', 'maximum'),
  one('elementwise', 'minimum'),
  one('elementwise', 'where', 'condition input other'),
  one('elementwise', 'lerp', 'input end weight'),
  one('elementwise', 'masked_fill', 'input mask value'),
  one('elementwise', 'broadcast_tensors', 'tensor*'),
  ...signed('comparison', 'eq ==, ne !=, lt <, le <=, gt >, ge >='),
  ...signed('in place', 'add_ +=, sub_ -=, mul_ *=, div_ /='),
  ...signed('product', 'matmul @'),
  one('product', 'mm', 'input mat2'),
  one('product', 'bmm', 'input mat2'),
  one('product', 'mv', 'input vec'),
  one('product', 'dot', 'input tensor'),
  one('product', 'einsum', 'operand*', [
    { name: 'equation', kind: 'text', preset: 'ij,jk->ik' }
  ]),
  one('joining', 'cat', 'tensor*', [DIM]),
  one('joining', 'stack', 'tensor*', [DIM]),
  ...[
    'mse_loss',
    'l1_loss',
    'smooth_l1_loss',
    'huber_loss',
    'cross_entropy',
    'nll_loss',
    'binary_cross_entropy',
    'binary_cross_entropy_with_logits',
    'kl_div'
  ].map(name => one('loss', name, 'input target')),
  one('layer', 'linear', 'input weight bias?'),
  ...['conv1d', 'conv2d', 'conv3d'].map(name =>
    one('layer', name, 'input weight bias?', CONVOLUTION)
  ),
  one('layer', 'embedding', 'input weight'),
  one('layer', 'scaled_dot_product_attention', 'query key value attn_mask?'),
  one('reshaping', 'reshape', 'input', [SHAPE]),
  one('reshaping', 'view', 'input', [SHAPE]),
  one('reshaping', 'expand', 'input', [{ ...SHAPE, name: 'sizes' }]),
  one('reshaping', 'permute', 'input', [{ ...SHAPE, name: 'dims' }]),
  one('reshaping', 'transpose', 'input', [
    { name: 'dim0', kind: 'int', preset: '0' },
    { name: 'dim1', kind: 'int', preset: '1' }
  ])
];

const BY_NAME = new Map(OPERATIONS.map(known => [known.name, known]));

/** The operation of a name; the first one when there is none. */
export function operationOf(name: string): IOperation {
  return BY_NAME.get(name) ?? OPERATIONS[0];
}

/** torch's name of an operand; of many, with a number. */
export function operandName(
  { operands, isMany }: IOperation,
  index: number
): string {
  const name = operands[Math.min(index, operands.length - 1)];
  return isMany ? `${name} ${index + 1}` : name.replace('?', '');
}

/** How many operands have to be given. */
export function fewest({ operands }: IOperation): number {
  return operands.filter(name => !name.endsWith('?')).length;
}
