import { defineFact, script, sh, touch } from '@chaos/core'
import type { FactOutput, Touch } from '@chaos/core'
import { ACCOUNT_NAME } from './account-name.ts'
import { readerOf } from './probe.ts'

/** An account as the machine knows it. */
export interface User {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Name of the primary group; its id where it has no name. */
  readonly group: string
  /** Names of the supplementary groups, of those of the machine itself, in alphabetical order. */
  readonly groups: readonly string[]
  readonly comment: string
  readonly home: string
  readonly shell: string
  /** False: it comes from a directory (LDAP, sssd) through the name service, and cannot be changed here. */
  readonly local: boolean
}

export interface Group {
  readonly name: string
  readonly gid: number
  /** Those whose supplementary group it is. */
  readonly members: readonly string[]
  /** Those whose primary group it is, of the machine's own accounts. */
  readonly primaryOf: readonly string[]
  readonly local: boolean
}

/** Packages bring accounts along. */
const ALWAYS: readonly Touch[] = [touch.named('package')]
const PASSWD = touch.path('/etc/passwd')
const GROUP = touch.path('/etc/group')

/** Both files whole: they are short, and which groups somebody is in stands on any line. */
const FILES = script(`LC_ALL=C; export LC_ALL
cat /etc/passwd && printf '\\0' && cat /etc/group && printf '\\0' || exit`)

/** What the name service adds. It says 2 of a name that is nobody's; where there is no getent there is no name service. */
const ASK = script(`chaos_getent() {
[ $# -gt 1 ] && command -v getent >/dev/null 2>&1 || return 0
getent "$@"; chaos_r=$?
[ $chaos_r -eq 0 ] || [ $chaos_r -eq 2 ] || { echo "getent $1 ended with $chaos_r" >&2; exit 1; }
}`)

interface Files {
  readonly users: readonly User[]
  readonly groups: readonly Group[]
  /** What getent said. */
  readonly asked: string
}

/** An account of this name; `null` = there is none. Accounts of the name service are seen too. */
export const user = defineFact({
  name: 'server.user',
  about: 'An account, by its name.',
  many: {
    command: (calls: readonly (readonly [name: string])[]) => look('passwd', calls.map(([name]) => name)),
    split: (stdout, calls) => answers(stdout, calls, (files, [name]) => files.users.find((one) => one.name === name) ?? foreignUser(files.asked, (one) => one.name === name)),
  },
  parse: (stdout): User | null => (stdout === '' ? null : (JSON.parse(stdout) as User)),
  reads: (name) => [touch.named('user', name), PASSWD, ...ALWAYS],
})

/** The name of the account with this id; `null` = the id is free. */
export const userById = defineFact({
  name: 'server.userById',
  about: 'Whose a user id is.',
  many: {
    command: (calls: readonly (readonly [uid: number])[]) => look('passwd', calls.map(([uid]) => String(uid))),
    split: (stdout, calls) => answers(stdout, calls, (files, [uid]) => (files.users.find((one) => one.uid === uid) ?? foreignUser(files.asked, (one) => one.uid === uid))?.name ?? null),
  },
  parse: (stdout): string | null => (stdout === '' ? null : (JSON.parse(stdout) as string)),
  reads: (uid) => [touch.named('uid', String(uid)), PASSWD, ...ALWAYS],
})

/** A group of this name; `null` = there is none. */
export const group = defineFact({
  name: 'server.group',
  about: 'A group, by its name.',
  many: {
    command: (calls: readonly (readonly [name: string])[]) => look('group', calls.map(([name]) => name)),
    split: (stdout, calls) => answers(stdout, calls, (files, [name]) => files.groups.find((one) => one.name === name) ?? foreignGroup(files.asked, (one) => one.name === name)),
  },
  parse: (stdout): Group | null => (stdout === '' ? null : (JSON.parse(stdout) as Group)),
  reads: (name) => [touch.named('group', name), GROUP, ...ALWAYS],
})

/** The name of the group with this id; `null` = the id is free. */
export const groupById = defineFact({
  name: 'server.groupById',
  about: 'Whose a group id is.',
  many: {
    command: (calls: readonly (readonly [gid: number])[]) => look('group', calls.map(([gid]) => String(gid))),
    split: (stdout, calls) => answers(stdout, calls, (files, [gid]) => (files.groups.find((one) => one.gid === gid) ?? foreignGroup(files.asked, (one) => one.gid === gid))?.name ?? null),
  },
  parse: (stdout): string | null => (stdout === '' ? null : (JSON.parse(stdout) as string)),
  reads: (gid) => [touch.named('gid', String(gid)), GROUP, ...ALWAYS],
})

/** All accounts of the machine itself. */
export const users = defineFact({
  name: 'server.users',
  about: 'All accounts of the machine itself.',
  command: () => FILES,
  parse: (stdout): readonly User[] => readFiles(Buffer.from(stdout)).users,
  reads: () => [touch.named('user'), PASSWD, ...ALWAYS],
})

/** How many accounts of people and groups there are, as the run found them: what removals are held against. */
export const accountCounts = defineFact({
  name: 'server.accountCounts',
  about: 'How many accounts of people, and groups, there are.',
  command: () => FILES,
  parse: (stdout): { people: number; groups: number } => {
    const { users, groups } = readFiles(Buffer.from(stdout))
    return { people: users.filter(isPerson).length, groups: groups.length }
  },
  reads: () => [],
})

/** Somebody's account: an id that people get, and a shell that lets them in. */
export function isPerson({ uid, shell }: Pick<User, 'uid' | 'shell'>): boolean {
  return uid >= 1000 && uid <= 60000 && !/\/(nologin|false|sync|shutdown|halt)$/.test(shell)
}

function look(database: 'passwd' | 'group', keys: readonly string[]) {
  return sh`${FILES}
${ASK}
chaos_getent ${database} ${keys.filter((key) => ACCOUNT_NAME.test(key))} || exit
printf '\0'`
}

function answers<C>(stdout: Uint8Array, calls: readonly C[], find: (files: Files, call: C) => unknown): FactOutput[] {
  const files = readFiles(stdout, true)
  return calls.map((call) => {
    const found = find(files, call)
    return { stdout: found === null || found === undefined ? '' : JSON.stringify(found) }
  })
}

function readFiles(stdout: Uint8Array, asked = false): Files {
  const reader = readerOf(stdout)
  const text = () => new TextDecoder().decode(reader.nul())
  const passwd = rows(text(), 7)
  const grouped = rows(text(), 4)
  const names = new Map(grouped.map(([name = '', , gid]) => [Number(gid), name]))
  const users = passwd.map((row) => userOf(row, names, grouped))
  const groups = grouped.map((row): Group => ({ ...groupOf(row), primaryOf: users.filter(({ gid }) => gid === Number(row[2])).map(({ name }) => name) }))
  return { users, groups, asked: asked ? text() : '' }
}

/** Lines as the C library takes them: those without so many fields, or whose ids are none, it passes over. */
function rows(text: string, fields: number): string[][] {
  return text.split('\n').map((line) => line.split(':')).filter((row) => row.length === fields && row[0] !== '' && !/^[+-]/.test(row[0] ?? '') && /^\d+$/.test(row[2] ?? ''))
}

function userOf([name = '', , uid, gid, comment = '', home = '', shell = '']: readonly string[], names: ReadonlyMap<number, string>, grouped: readonly string[][]): User {
  const group = names.get(Number(gid)) ?? gid ?? ''
  const groups = grouped.filter((row) => row[0] !== group && membersOf(row).includes(name)).map(([of = '']) => of)
  // An empty shell is /bin/sh.
  return { name, uid: Number(uid), gid: Number(gid), group, groups: [...new Set(groups)].toSorted(), comment, home, shell: shell || '/bin/sh', local: true }
}

function groupOf(row: readonly string[]): Group {
  return { name: row[0] ?? '', gid: Number(row[2]), members: membersOf(row), primaryOf: [], local: true }
}

function membersOf(row: readonly string[]): string[] {
  return (row[3] ?? '').split(',').filter((name) => name !== '')
}

function foreignUser(asked: string, meant: (one: User) => boolean): User | undefined {
  const found = rows(asked, 7).map((row) => userOf(row, new Map(), [])).find(meant)
  return found && { ...found, local: false }
}

function foreignGroup(asked: string, meant: (one: Group) => boolean): Group | undefined {
  const found = rows(asked, 4).map(groupOf).find(meant)
  return found && { ...found, local: false }
}
