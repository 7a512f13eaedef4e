/** Fixed: programs depend on them. */
export const EXIT = {
  /** Done, or nothing to do. */
  done: 0,
  /** Something failed, or a question was declined. */
  failed: 1,
  /** Wrong usage or Ch-obolo. */
  usage: 2,
  /** With `--detailed-exitcode`: a dry run found changes. */
  changes: 3,
  interrupted: 130,
} as const
