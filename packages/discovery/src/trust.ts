import { statSync } from 'node:fs'
import type { Stats } from 'node:fs'

/** Why another user may write this file or folder; undefined when none may, or when it is not there. */
export type Trust = (path: string) => string | undefined

/**
 * Who loads a plugin runs it, with all their rights. A folder another user may write is a way to become us,
 * so nothing in it is even looked at. Root is trusted, and under sudo so is who called it: they could
 * run anything as root anyway, and the project is theirs. Answers are kept for the length of one discovery.
 */
export function trustOf(env: NodeJS.ProcessEnv): Trust {
  const me = process.getuid?.()
  const group = process.getgid?.()
  if (me === undefined) return () => undefined
  const trusted = new Set([0, me])
  if (me === 0 && /^\d+$/.test(env.SUDO_UID ?? '')) trusted.add(Number(env.SUDO_UID))
  const known = new Map<string, string | undefined>()
  return (path) => {
    if (!known.has(path)) {
      known.set(path, look(path, trusted, group))
    }
    return known.get(path)
  }
}

function look(path: string, trusted: ReadonlySet<number>, group: number | undefined): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats && reason(stats, trusted, group)
  } catch (error) {
    return `it cannot be looked at (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`
  }
}

function reason(stats: Stats, trusted: ReadonlySet<number>, group: number | undefined): string | undefined {
  if (!trusted.has(stats.uid)) return `it belongs to another user (id ${stats.uid})`
  // In a sticky folder, such as /tmp, nobody can replace what is not theirs.
  if (stats.isDirectory() && stats.mode & 0o1000) return undefined
  if (stats.mode & 0o002) return 'everybody may write it'
  // With umask 002 a user's own files are writable by their own group, which is theirs alone.
  if (stats.mode & 0o020 && stats.gid !== group && stats.gid !== 0) return `another group (id ${stats.gid}) may write it`
  return undefined
}
