/** An operand of what failed, as it is now. */
export interface IOperandSeen {
  readonly name: string;
  /** The three are null together: not known. */
  readonly shape: readonly number[] | null;
  readonly dtype: string | null;
  readonly device: string | null;
  /** It follows from operands that are known; nobody saw it. */
  readonly derived: boolean;
}

/** A small change after which the sub-expression works. */
export interface IMendOffered {
  readonly message: string;
  /** The sub-expression after the change. */
  readonly expression: string;
}

/** Why a cell failed. */
export interface IExplanation {
  readonly kind: string;
  /** Counts from 1. */
  readonly line: number;
  /** The sub-expression, as it is written; null where it is not known. */
  readonly expression: string | null;
  readonly operands: readonly IOperandSeen[];
  /** The reason; null where it is not known, as `unknown` then says. */
  readonly problem: string | null;
  readonly mends: readonly IMendOffered[];
  /** The layer in which it failed, as it is reached from the user's names. */
  readonly layer: string | null;
  readonly layer_text: string | null;
  readonly unknown: string | null;
  /** What torch said. */
  readonly evidence: string | null;
  /** The file or cell of the line; null for the cell that was run. */
  readonly where: string | null;
  readonly execution_count: number | null;
}
