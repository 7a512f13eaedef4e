import type { PlainYaml, Problem } from '@chaos/chobolo'
import { nearest } from '@chaos/core'

/** Keys that the Python tool reads and this one does not: one config serves both. */
const OF_PYTHON_TOOL = ['limani', 'secret_backends', 'werehouse']

/** Keys that nobody reads, where they stand: CONFIG_KEY_UNKNOWN where one is nearly a key that is read, else CONFIG_KEY_UNREAD. */
export function unknownKeys(value: Readonly<Record<string, unknown>>, { file, known, position }: { file: string; known: readonly string[]; position: PlainYaml['position'] }): Problem[] {
  return Object.keys(value).filter((key) => !known.includes(key) && !OF_PYTHON_TOOL.includes(key)).map((key) => {
    const [near] = nearest(key, known)
    return {
      code: near === undefined ? 'CONFIG_KEY_UNREAD' : 'CONFIG_KEY_UNKNOWN',
      severity: 'warning',
      message: `\`${key}\` means nothing in the config.`,
      hint: near === undefined ? `It may have: ${known.toSorted().join(', ')}` : `Did you mean \`${near}\`?`,
      position: { file, ...position([key]) },
    }
  })
}
