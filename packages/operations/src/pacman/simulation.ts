import { defineFact, sh, touch } from '@chaos/core'
import { fieldOf } from './local-database.ts'
import { TELL_STALE } from './lock.ts'

/** What an installation would bring. */
export interface Installation {
  readonly packages: readonly { readonly name: string; readonly version: string; readonly conflicts: readonly string[] }[]
  /** Targets that no list knows. */
  readonly unknown: readonly string[]
  /** Any other reason why there can be none, as pacman says it. */
  readonly refused: string | undefined
  /** A lock that was left behind. */
  readonly staleLock: string | undefined
}

/** What would be installed for some names, groups or `name=version`, dependencies included. Neither downloads nor locks anything. */
export const installation = defineFact({
  name: 'pacman.installation',
  about: 'What pacman would install for some names, with all that comes along.',
  command: (targets: readonly string[]) => sh`LC_ALL=C; export LC_ALL
${TELL_STALE}
o=$(pacman -S --print --print-format ${'%PACKAGE% %n %v'} --needed --noconfirm -- ${targets}) || exit 1
[ -n "$o" ] || exit 0
printf '%s\n' "$o"
set -f
set -- $(printf '%s\n' "$o" | cut -d " " -f 2)
pacman -Si -- "$@" | sed -n ${'s/^Name *: /%NAME% /p; s/^Conflicts With *: /%CONFLICTS% /p'}`,
  exit: [0, 1],
  parse: parseInstallation,
  reads: () => [touch.named('package'), touch.named('package-index')],
})

export function parseInstallation(stdout: string, { code, stderr }: { readonly code: number; readonly stderr: string }): Installation {
  const versions = new Map<string, string>()
  const conflicts = new Map<string, string[]>()
  let name = ''
  let staleLock: string | undefined
  for (const { field, value } of stdout.split('\n').map(fieldOf).filter((each) => each !== undefined)) {
    const [first = '', second = ''] = value.split(' ')
    if (field === 'PACKAGE') versions.set(first, second)
    else if (field === 'NAME') name = value
    else if (field === 'CONFLICTS' && value !== 'None') conflicts.set(name, value.trim().split(/\s+/))
    else if (field === 'STALE') staleLock = value
  }
  const unknown = [...stderr.matchAll(/^error: target not found: (.+)$/gm)].map(([, target = '']) => target)
  return {
    packages: [...versions].map(([each, version]) => ({ name: each, version, conflicts: conflicts.get(each) ?? [] })),
    unknown,
    refused: code === 0 || unknown.length > 0 ? undefined : stderr.trim() || stdout.trim(),
    staleLock,
  }
}

/** What a removal would take. */
export interface Removing {
  readonly packages: readonly string[]
  /** Why it cannot be: what is needed by what else. */
  readonly needed: readonly { readonly name: string; readonly by: string }[]
  /** Patterns of names that pacman itself asks about before it removes them. */
  readonly hold: readonly string[]
  readonly refused: string | undefined
  readonly staleLock: string | undefined
}

/** What would go with some names: with `recursive` also dependencies that nothing else needs. Never what depends on them: then it cannot be. */
export const removing = defineFact({
  name: 'pacman.removing',
  about: 'What pacman would remove for some names, or what installed packages need them.',
  command: (names: readonly string[], recursive: boolean) => sh`LC_ALL=C; export LC_ALL
${TELL_STALE}
pacman-conf HoldPkg | sed 's/^/%HOLD% /'
pacman -R ${recursive ? ['-s'] : []} --print --print-format ${'%PACKAGE% %n'} -- ${names}`,
  exit: [0, 1],
  parse: parseRemoving,
  reads: () => [touch.named('package')],
})

export function parseRemoving(stdout: string, { code, stderr }: { readonly code: number; readonly stderr: string }): Removing {
  const fields = stdout.split('\n').map(fieldOf).filter((each) => each !== undefined)
  const valuesOf = (field: string) => fields.flatMap((each) => (each.field === field ? [each.value] : []))
  const needed = [...stdout.matchAll(/^:: removing (\S+) breaks dependency '.*' required by (\S+)$/gm)].map(([, name = '', by = '']) => ({ name, by }))
  const said = stdout.split('\n').filter((line) => !line.startsWith('%')).join('\n')
  return {
    packages: valuesOf('PACKAGE'),
    needed,
    hold: valuesOf('HOLD'),
    refused: code === 0 || needed.length > 0 ? undefined : `${stderr}\n${said}`.trim(),
    staleLock: valuesOf('STALE')[0],
  }
}
