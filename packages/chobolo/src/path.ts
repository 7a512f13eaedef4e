/** Keys and indexes from the root. */
export type Path = readonly (string | number)[]

/** A path as people write it, and as an interpolation would: `users[0].name`. */
export function formatPath(path: Path): string {
  let text = ''
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`
    else if (/^[\p{L}\p{N}_@/-]+$/u.test(key)) text += text === '' ? key : `.${key}`
    else text += `[${JSON.stringify(key)}]`
  }
  return text
}
