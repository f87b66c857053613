import type { components } from '../api/schema';

type Schemas = components['schemas'];

/** The last report of a kernel or of the server, and the run on its way. */
export type Doctor = Schemas['Doctor'];

/** What one check found. */
export type DoctorCheck = Schemas['DoctorCheck'];

/** A run that has not ended. */
export type DoctorRun = Schemas['DoctorRun'];

/** How a check came out; worst first in the document. */
export type Verdict = Schemas['DoctorVerdict'];

/** What is set about idle accelerators, and what was found. */
export type Idle = Schemas['Idle'];

/** What the user wants to be told. */
export type IdleRequest = Schemas['IdleRequest'];

/** Accelerators are idle although kernels hold them. */
export type IdleNotice = Schemas['IdleNotice'];

/** One of those kernels, and whether it may be shut down. */
export type IdleKernel = Schemas['IdleKernel'];
