/**
 * Calls after so many milliseconds, and after what has long been there was looked at: a machine that stood still is no slow program, and on a
 * busy one time is over before what has come meanwhile was read. Gives what takes it back.
 */
export function after(milliseconds: number, call: () => void): () => void {
  let late: NodeJS.Immediate | undefined
  const timer = setTimeout(() => (late = setImmediate(call)), milliseconds)
  return () => {
    clearTimeout(timer)
    clearImmediate(late)
  }
}
