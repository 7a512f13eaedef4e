import { isSecret } from '@chaos/core'

/** Makes keys of data, in which a Secret stands as a number of its own instead of its text. */
export function createDataKeys(): (data: unknown) => string {
  const numbers = new WeakMap<object, number>()
  let last = 0
  return (data) =>
    JSON.stringify(data, function (this: Record<string, unknown>, name, value: unknown) {
      // The value before its toJSON: that of a Secret is the same for all.
      const plain = this[name]
      if (!isSecret(plain)) return value
      const number = numbers.get(plain) ?? ++last
      numbers.set(plain, number)
      return { secret: number }
    })
}
