// Short names for the shapes of the OpenAPI document.  No shape is written by
// hand: `schema.ts` is generated from `jupyter_dlkit/server/openapi.json`.
import type { components, paths } from './schema';

type Schemas = components['schemas'];

export type Alternative = Schemas['Alternative'];
export type CellDevice = Schemas['CellDevice'];
export type CellMemory = Schemas['CellMemory'];
export type Check = Schemas['Check'];
export type CheckMend = Schemas['CheckMend'];
export type CheckOperand = Schemas['CheckOperand'];
export type CheckRequest = Schemas['CheckRequest'];
export type CheckStep = Schemas['CheckStep'];
export type CheckedDimension = Schemas['CheckedDimension'];
export type CheckedOperand = Schemas['CheckedOperand'];
export type CheckedResult = Schemas['CheckedResult'];
export type Cut = Schemas['Cut'];
export type Deletion = Schemas['Deletion'];
export type Device = Schemas['Device'];
export type DeviceMemory = Schemas['DeviceMemory'];
export type ErrorAnswer = Schemas['Error'];
export type Fit = Schemas['Fit'];
export type Group = Schemas['Group'];
export type Host = Schemas['Host'];
export type Image = Schemas['Image'];
export type Kernel = Schemas['Kernel'];
export type KernelDevice = Schemas['KernelDevice'];
export type KernelDevices = Schemas['KernelDevices'];
export type KernelMemory = Schemas['KernelMemory'];
export type LeftBehind = Schemas['LeftBehind'];
export type MemoryError = Schemas['MemoryError'];
export type MemoryFinding = Schemas['MemoryFinding'];
export type MemoryOther = Schemas['MemoryOther'];
export type MemoryOwner = Schemas['MemoryOwner'];
export type Move = Schemas['Move'];
export type MovedTensor = Schemas['MovedTensor'];
export type MoveRequest = Schemas['MoveRequest'];
export type RefusedTensor = Schemas['RefusedTensor'];
export type Release = Schemas['Release'];
export type ReleaseRequest = Schemas['ReleaseRequest'];
export type ReleasedRow = Schemas['ReleasedRow'];
export type Slice = Schemas['Slice'];
export type Space = Schemas['Space'];
export type Status = Schemas['Status'];
export type StreamMessage = Schemas['StreamMessage'];
export type Subscribe = Schemas['Subscribe'];
export type Summary = Schemas['Summary'];
export type Tensor = Schemas['Tensor'];
export type TensorColumns = Schemas['TensorColumns'];
export type TensorDetail = Schemas['TensorDetail'];
export type Total = Schemas['Total'];

/** The columns of a list: every array has one entry a row, in one order. */
export type Columns = TensorColumns['columns'];

/** Query of the answer about one tensor. */
export type DetailQuery = NonNullable<
  paths['/kernels/{kernel_id}/tensors/{tensor_id}']['get']['parameters']['query']
>;

/** Query of the answer about memory. */
export type MemoryQuery = NonNullable<
  paths['/kernels/{kernel_id}/memory']['get']['parameters']['query']
>;
