/** A small edit after which the operation runs. */
export interface IMend {
  readonly message: string;
  /** What to write instead of the sub-expression. */
  readonly expression: string;
}

/** What was found in a sub-expression of a cell. */
export interface IFinding {
  /** Lines count from 1. */
  readonly line: number;
  /** Columns count from 0, in bytes of UTF-8, as in Python's `ast`. */
  readonly column: number;
  readonly end_line: number;
  readonly end_column: number;
  readonly code: string;
  /** It would fail, or it runs and may not do what was meant. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** The sub-expression. */
  readonly source: string;
  readonly operands: readonly string[];
  readonly mends: readonly IMend[];
}

/** What was found in a cell. */
export interface ICellAnswer {
  readonly findings: readonly IFinding[];
}
