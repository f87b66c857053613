import type { components } from '../api/schema';

type Schemas = components['schemas'];

/**
 * What was found in a sub-expression of a cell.
 *
 * Lines count from 1; columns from 0, in bytes of UTF-8, as in Python's `ast`.
 */
export type IFinding = Schemas['CheckFinding'];

/** What to write instead of the sub-expression, and what that does. */
export type IMend = IFinding['mends'][number];
