import { ChaosError, sh } from '@chaos/core'
import type { Command, Host } from '@chaos/core'
import { program } from '../../facts/program.ts'

/** What an account is to be made with. Not given = as the host does it. */
export interface NewUser {
  readonly name: string
  readonly uid?: number | undefined
  readonly group?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly shell?: string | undefined
  readonly home?: string | undefined
  readonly createHome: boolean
  readonly comment?: string | undefined
  readonly system: boolean
}

/** What of an account can be changed by one command. */
export type UserAttribute =
  | { uid: number }
  | { group: string }
  /** Exactly these. */
  | { groups: readonly string[] }
  /** Also these. */
  | { addGroups: readonly string[] }
  | { home: string; move: boolean }
  | { shell: string }
  | { comment: string }
  | { locked: boolean }
  /** No password fits; the account is not locked. */
  | { password: 'none' }

/**
 * The programs that change accounts on one kind of system. Nothing else of the operations knows them: another kind
 * (busybox, FreeBSD's pw) joins as a file that implements this, and a line in {@link TOOLS}.
 */
export interface AccountTools {
  /** The program by which they are recognised. */
  readonly program: string
  readonly addUser: (user: NewUser) => Command
  readonly changeUser: (name: string, attribute: UserAttribute) => Command
  readonly removeUser: (name: string, home: boolean) => Command
  /** Reads `NAME:HASH` lines. */
  readonly setPasswords: () => Command
  readonly addGroup: (group: { name: string; gid?: number | undefined; system: boolean }) => Command
  readonly changeGroup: (name: string, gid: number) => Command
  readonly removeGroup: (name: string) => Command
}

/** shadow-utils: Debian, Arch, Fedora, SUSE, and Alpine with the package `shadow`. */
const shadow: AccountTools = {
  program: 'useradd',
  addUser: ({ name, uid, group, groups, shell, home, createHome, comment, system }) => {
    const options = [
      ...option('--uid', uid), ...option('--gid', group), ...option('--groups', groups?.length ? groups.join(',') : undefined), ...option('--shell', shell),
      ...option('--home-dir', home), ...option('--comment', comment), ...(system ? ['--system'] : []), createHome ? '--create-home' : '--no-create-home',
    ]
    return sh`useradd ${options} -- ${name}`
  },
  changeUser: (name, attribute) => sh`usermod ${usermodOptions(attribute)} -- ${name}`,
  removeUser: (name, home) => sh`userdel ${home ? ['--remove'] : []} -- ${name}`,
  setPasswords: () => sh`chpasswd --encrypted`,
  addGroup: ({ name, gid, system }) => sh`groupadd ${[...option('--gid', gid), ...(system ? ['--system'] : [])]} -- ${name}`,
  changeGroup: (name, gid) => sh`groupmod --gid ${gid} -- ${name}`,
  removeGroup: (name) => sh`groupdel -- ${name}`,
}

const TOOLS: readonly AccountTools[] = [shadow]

/** What changes accounts on this host. Asked along with everything else; an error only where there is something to change. */
export async function accountTools(host: Host): Promise<() => AccountTools> {
  const found = await Promise.all(TOOLS.map(async (tools) => ((await host.fact(program(tools.program))) === null ? [] : [tools])))
  return () => {
    const [tools] = found.flat()
    if (tools) return tools
    throw new ChaosError('ACCOUNT_TOOLS', {
      message: `Accounts of ${host.name} cannot be changed: there is no ${TOOLS.map(({ program }) => program).join(' or ')}.`,
      hint: 'Install the package that has it: passwd on Debian, shadow on Alpine and Arch, shadow-utils on Fedora.',
      host: host.name,
    })
  }
}

function usermodOptions(attribute: UserAttribute): (string | number)[] {
  if ('uid' in attribute) return ['--uid', attribute.uid]
  if ('group' in attribute) return ['--gid', attribute.group]
  if ('groups' in attribute) return ['--groups', attribute.groups.join(',')]
  if ('addGroups' in attribute) return ['--append', '--groups', attribute.addGroups.join(',')]
  if ('home' in attribute) return ['--home', attribute.home, ...(attribute.move ? ['--move-home'] : [])]
  if ('shell' in attribute) return ['--shell', attribute.shell]
  if ('comment' in attribute) return ['--comment', attribute.comment]
  if ('locked' in attribute) return [attribute.locked ? '--lock' : '--unlock']
  return ['--password', '*']
}

function option(name: string, value: string | number | undefined): (string | number)[] {
  return value === undefined ? [] : [name, value]
}
