/** The commands of DL Kit. */
export namespace CommandIDs {
  export const show = 'dlkit:show';
  export const refresh = 'dlkit:refresh';
  export const search = 'dlkit:search';
  export const copyExpression = 'dlkit:copy-expression';
  export const showDetail = 'dlkit:show-detail';
  export const move = 'dlkit:move';
  export const undoMove = 'dlkit:undo-move';
  export const deleteTensors = 'dlkit:delete';
  export const checkShapes = 'dlkit:check-shapes';
  export const insertCode = 'dlkit:insert-code';
  export const showMemory = 'dlkit:show-memory';
  export const release = 'dlkit:release';
  /** A line of a menu that only says something. */
  export const noDevice = 'dlkit:no-other-device';
}
