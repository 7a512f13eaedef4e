import type { Target } from '@chaos/core'
import { keys } from './keys.ts'
import type { HostData } from './keys.ts'
import { refused } from './refused.ts'

/** The host's data. The engine has checked them; whoever opens a connection without it is told the same. */
export function dataOf({ host, data }: Target): HostData {
  const result = keys.safeParse(data)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.join('.')
  throw refused('SSH_DATA', `The data of ${host} are wrong: ${[path, issue?.message].filter(Boolean).join(': ')}.`, 'Correct it where the host or its group is written.', { path })
}
