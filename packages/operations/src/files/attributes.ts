import { sh } from '@chaos/core'
import type { Change, Step } from '@chaos/core'
import type { Stat } from '../facts/stat.ts'

export interface Attributes {
  readonly owner?: string | undefined
  readonly group?: string | undefined
  readonly mode?: string | undefined
}

/** What differs in owner, group and mode, in that order: chown takes setuid away, so the mode comes last. */
export function attributeChanges(path: string, have: Stat, want: Attributes): Change[] {
  const differs = difference(have, want)
  const changes: Change[] = []
  const chown: Step[] = keepSpecial(path, have, want)
  if (differs.owner !== undefined) {
    changes.push({ summary: `owner ${have.user} → ${differs.owner}`, before: have.user, after: differs.owner, do: [{ run: sh`chown -- ${differs.owner} ${path}` }, ...chown] })
  }
  if (differs.group !== undefined) {
    changes.push({ summary: `group ${have.group} → ${differs.group}`, before: have.group, after: differs.group, do: [{ run: sh`chgrp -- ${differs.group} ${path}` }, ...chown] })
  }
  if (differs.mode !== undefined) {
    changes.push({ summary: `mode ${have.mode} → ${differs.mode}`, before: have.mode, after: differs.mode, do: [chmod(path, differs.mode)] })
  }
  return changes
}

/** The same differences as phrases, for a change that sets them along with something else. */
export function attributePhrases(have: Stat, want: Attributes): string[] {
  return attributeChanges('/', have, want).map(({ summary }) => summary)
}

/** Sets them on what has just been made. */
export function attributeSteps(path: string, want: Attributes): Step[] {
  const steps: Step[] = []
  if (want.owner !== undefined) steps.push({ run: sh`chown -- ${want.owner} ${path}` })
  if (want.group !== undefined) steps.push({ run: sh`chgrp -- ${want.group} ${path}` })
  if (want.mode !== undefined) steps.push(chmod(path, want.mode))
  return steps
}

export function difference(have: Stat, want: Attributes): { owner?: string; group?: string; mode?: string } {
  return {
    ...(want.owner !== undefined && want.owner !== have.user && want.owner !== String(have.uid) ? { owner: want.owner } : {}),
    ...(want.group !== undefined && want.group !== have.group && want.group !== String(have.gid) ? { group: want.group } : {}),
    ...(want.mode !== undefined && want.mode !== have.mode ? { mode: want.mode } : {}),
  }
}

/** Five digits: with four, GNU chmod leaves setuid and setgid of a directory as they are. */
export function chmod(path: string, mode: string): Step {
  return { run: sh`chmod -- ${`0${mode}`} ${path}` }
}

function keepSpecial(path: string, have: Stat, want: Attributes): Step[] {
  return (parseInt(have.mode, 8) & 0o6000) !== 0 && (want.mode ?? have.mode) === have.mode ? [chmod(path, have.mode)] : []
}
