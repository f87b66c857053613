import type { CheckRequest } from '../../api/types';
import { operationOf } from './operations';
import { argumentOf, operandOf } from './typed';

/** What a person wants to know. */
export interface IQuestion {
  readonly kind: 'operation' | 'expression';
  readonly operation: string;
  /** As typed, one for each operand. */
  readonly operands: readonly string[];
  /** As typed, by name. */
  readonly args: Readonly<Record<string, string>>;
  /** An expression such as `x @ w + b`. */
  readonly source: string;
}

/** A question that can be sent. */
export interface IAskable {
  readonly request: CheckRequest;
  /** Expressions that only a kernel can answer for. */
  readonly expressions: readonly string[];
}

/** What to send; null while something is still missing. */
export function askable(question: IQuestion): IAskable | null {
  if (question.kind === 'expression') {
    const source = question.source.trim();
    return source === ''
      ? null
      : { request: { source, kind: 'expression' }, expressions: [source] };
  }
  const operation = operationOf(question.operation);
  const operands = question.operands
    .slice(0, operation.isMany ? undefined : operation.operands.length)
    .map(operandOf);
  // One that may be left out is left out at the end only.
  while (operands.length > 0 && operands[operands.length - 1] === null) {
    operands.pop();
  }
  const needed = operation.isMany
    ? 1
    : operation.operands.filter(name => !name.endsWith('?')).length;
  if (operands.length < needed || operands.includes(null)) {
    return null;
  }
  const given = operands.filter(operand => operand !== null);
  const args: Record<string, unknown> = {};
  for (const argument of operation.args) {
    const value = argumentOf(
      argument,
      question.args[argument.name] ?? argument.preset
    );
    if (value !== undefined) {
      args[argument.name] = value;
    }
  }
  return {
    request: { operation: operation.name, operands: given, arguments: args },
    expressions: given.flatMap(operand =>
      'expression' in operand ? operand.expression : []
    )
  };
}
