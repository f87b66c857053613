import type { components } from '../api/schema';

type Schemas = components['schemas'];

/** Why a cell failed. */
export type IExplanation = Schemas['Explanation'];

/** An operand of what failed, as it is now. */
export type IOperandSeen = Schemas['ExplainedOperand'];

/** Of a kernel: why its last cell failed, and whether it writes that too. */
export type IExplanationAnswer = Schemas['ExplanationAnswer'];

/** A cell that ran out of memory. */
export type IMemoryError = Schemas['MemoryError'];
