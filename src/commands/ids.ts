/** The commands of DL Kit. */
export namespace CommandIDs {
  export const show = 'dlkit:show';
  export const refresh = 'dlkit:refresh';
  export const search = 'dlkit:search';
  export const copyExpression = 'dlkit:copy-expression';
  export const showDetail = 'dlkit:show-detail';
}
