/** The command that opens the section. */
export const SHOW_DOCTOR = 'dlkit:show-doctor';
