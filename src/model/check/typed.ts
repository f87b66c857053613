import type { CheckOperand } from '../../api/types';
import type { IArgument } from './operations';

/** A dtype, with or without `torch.`, by the names that torch has. */
const DTYPE =
  /^(?:torch\.)?((?:b?float|u?int|complex|float8_\w+?)\d*\w*|bool|half|double|long|short)$/;

const DEVICE = /^(?:cpu|cuda|mps|xpu|meta|hpu|npu|[a-z]\w*:\d+)$/;

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;

/** Names that older code has for dtypes. */
const SHORT: Readonly<Record<string, string>> = {
  half: 'float16',
  float: 'float32',
  double: 'float64',
  short: 'int16',
  int: 'int32',
  long: 'int64'
};

/**
 * What a person typed for an operand: `(8, 1, 6, 1)`, `8, 1 int64 cuda:0`,
 * `2.5`, or else an expression of the kernel, such as `batch['x']`.
 *
 * @returns null when nothing was typed.
 */
export function operandOf(typed: string): CheckOperand | null {
  const text = typed.trim();
  if (text === '') {
    return null;
  }
  if (NUMBER.test(text)) {
    return { scalar: Number(text) };
  }
  if (text === 'True' || text === 'False') {
    return { scalar: text === 'True' };
  }
  return shapeOf(text) ?? { expression: text };
}

function shapeOf(text: string): CheckOperand | null {
  const parts =
    /^(?:\(([\d\s,]*)\)|\[([\d\s,]*)\]|(\d+(?:\s*,\s*\d+)*\s*,?))((?:\s+|\s*,\s*)[\w.:\s,]+)?$/.exec(
      text
    );
  if (parts === null) {
    return null;
  }
  const sizes = (parts[1] ?? parts[2] ?? parts[3])
    .split(',')
    .map(s => s.trim());
  if (sizes[sizes.length - 1] === '') {
    sizes.pop();
  }
  if (sizes.some(size => !/^\d+$/.test(size))) {
    return null;
  }
  let dtype = 'float32';
  let device = 'cpu';
  for (const word of (parts[4] ?? '').split(/[\s,]+/).filter(Boolean)) {
    const known = DTYPE.exec(word);
    if (known !== null) {
      dtype = SHORT[known[1]] ?? known[1];
    } else if (DEVICE.test(word)) {
      device = word;
    } else {
      return null;
    }
  }
  return {
    shape: sizes.map(Number),
    dtype,
    device,
    name: null,
    requires_grad: false
  };
}

/** An argument as typed; undefined for torch's own. */
export function argumentOf(
  { kind }: IArgument,
  typed: string
): number | number[] | string | undefined {
  const text = typed.trim();
  if (text === '') {
    return undefined;
  }
  const numbers = text
    .replace(/^[([]|[)\]]$/g, '')
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)
    .map(Number);
  if (kind === 'text' || numbers.some(number => !Number.isInteger(number))) {
    return text;
  }
  const isOne = numbers.length === 1 && !/[([,]/.test(text);
  return kind === 'int' || isOne ? numbers[0] : numbers;
}
