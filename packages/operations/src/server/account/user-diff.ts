import { secretText } from '@chaos/core'
import type { Change, Diff, Host, Step } from '@chaos/core'
import { isPerson } from '../../facts/accounts.ts'
import type { User } from '../../facts/accounts.ts'
import type { UserArgs } from '../user.ts'
import { newHome } from './new-home.ts'
import type { UserAttribute } from './tools.ts'
import { lookAtUser, notLocal, refuse } from './user-look.ts'
import type { UserLook } from './user-look.ts'

/** Compares an account. */
export async function userDiff(args: UserArgs, host: Host): Promise<Diff> {
  const look = await lookAtUser(args, host)
  const { have, missingGroups } = look
  if (!args.present) return have ? removal(args, have, look, host) : []
  refuse(args, look, host)
  if (missingGroups.length > 0) return { later: `the group ${missingGroups.join(', ')} is not there yet` }
  if (args.shell !== undefined && have?.shell !== args.shell && !look.shellThere) return { later: `the shell ${args.shell} is not there yet` }
  if (!have) return [creation(args, look)]
  const changes = differences(args, have, look, host)
  if (changes.length > 0 && !have.local) throw notLocal(args.name, host)
  return changes
}

function removal({ name, removeHome }: UserArgs, have: User, { people, tools }: UserLook, host: Host): Change[] {
  if (!have.local) throw notLocal(name, host)
  return [
    {
      summary: removeHome ? `remove user and its home ${have.home}` : `remove user; its home ${have.home} stays`,
      before: described(have), after: null,
      removes: [{ kind: 'user', name, ...(isPerson(have) ? { of: people } : {}) }],
      do: [{ run: tools().removeUser(name, removeHome) }],
    },
  ]
}

function creation(args: UserArgs, { namesake, tools }: UserLook): Change {
  const { name, uid, group, groups, shell, home, comment, system, password, locked, createHome = !system } = args
  const { addUser, changeUser } = tools()
  // The tools make a group of that name, and stop where there is one already.
  const primary = group ?? (namesake ? name : undefined)
  const steps: Step[] = [{ run: addUser({ name, uid, group: primary, groups, shell, home, createHome, comment, system }) }]
  if (password) steps.push(passwordStep(args, tools()))
  if (locked === true && password) steps.push({ run: changeUser(name, { locked: true }) })
  if (locked === false && !password) steps.push({ run: changeUser(name, { password: 'none' }) })
  const said = [
    ['uid', uid], ['group', group], ['groups', groups?.join(', ')], ['shell', shell], ['home', home], ['comment', comment],
  ].flatMap(([key, value]) => (value === undefined || value === '' ? [] : [`${key} ${value}`]))
  return { summary: [system ? 'create system user' : 'create user', ...(password ? ['with a password'] : [])].join(' '), before: null, after: said.join('\n'), do: steps }
}

function passwordStep({ name, password }: UserArgs, { setPasswords }: ReturnType<UserLook['tools']>): Step {
  return { run: setPasswords(), ...(password ? { stdin: secretText`${name}:${password}\n` } : {}) }
}

function differences(args: UserArgs, have: User, look: UserLook, host: Host): Change[] {
  const { name, uid, group, groups, append, shell, home, moveHome, comment } = args
  const changes: Change[] = []
  const mine = host.os.user === name
  const differs = (summary: string, before: string, after: string, to: UserAttribute, back: UserAttribute): void => {
    const { changeUser } = look.tools()
    changes.push({ summary, before, after, ...(mine ? { risk: 'access' as const, undo: [changeUser(name, back)] } : {}), do: [{ run: changeUser(name, to) }] })
  }
  if (uid !== undefined && uid !== have.uid) differs(`uid ${have.uid} → ${uid}`, String(have.uid), String(uid), { uid }, { uid: have.uid })
  if (group !== undefined && group !== have.group && group !== String(have.gid)) differs(`group ${have.group} → ${group}`, have.group, group, { group }, { group: String(have.gid) })
  if (groups) groupsDiffer(groups, append, have, differs)
  if (home !== undefined && home !== have.home) {
    differs(`home ${have.home} → ${home}${moveHome ? ', with its content' : ''}`, have.home, home, { home, move: moveHome }, { home: have.home, move: moveHome })
  }
  if (args.createHome === true && !look.homeThere && !moveHome) changes.push(newHome(home ?? have.home, have))
  if (shell !== undefined && shell !== have.shell) differs(`shell ${have.shell} → ${shell}`, have.shell, shell, { shell }, { shell: have.shell })
  if (comment !== undefined && comment !== have.comment) differs(`comment ${have.comment || '(none)'} → ${comment || '(none)'}`, have.comment, comment, { comment }, { comment: have.comment })
  return [...changes, ...passwordDiffers(args, look, mine)]
}

type Differs = (summary: string, before: string, after: string, to: UserAttribute, back: UserAttribute) => void

function groupsDiffer(wanted: readonly string[], append: boolean, have: User, differs: Differs): void {
  // The primary group may be among them; it is had already.
  const want = [...new Set(wanted)].filter((group) => group !== have.group).toSorted()
  const more = want.filter((group) => !have.groups.includes(group))
  const less = append ? [] : have.groups.filter((group) => !want.includes(group))
  if (more.length + less.length === 0) return
  const summary = `groups ${[...more.map((group) => `+${group}`), ...less.map((group) => `−${group}`)].join(' ')}`
  const after = append ? [...have.groups, ...more].toSorted() : want
  differs(summary, have.groups.join(', '), after.join(', '), append ? { addGroups: more } : { groups: want }, { groups: have.groups })
}

/** How it is taken back is left to the access guard, which keeps /etc/shadow: nothing of it travels. */
function passwordDiffers(args: UserArgs, { password: have, wantedSum, tools }: UserLook, mine: boolean): Change[] {
  const { name, password, locked } = args
  const risk = mine ? { risk: 'access' as const } : {}
  const lock = (to: boolean): Step => ({ run: tools().changeUser(name, { locked: to }) })
  if (password && (have === null || have.sha256 !== wantedSum)) {
    // The mark of an account that never had a password locks nothing.
    const again = locked ?? (have?.kind === 'hash' && have.locked)
    return [{ summary: 'set password', after: password, ...risk, do: [passwordStep(args, tools()), ...(again ? [lock(true)] : [])] }]
  }
  if (locked === undefined || (have?.locked ?? false) === locked) return []
  // Unlocked, an account without a password would ask for none, and the tools refuse that.
  const step = !locked && have?.kind === 'none' ? { run: tools().changeUser(name, { password: 'none' }) } : lock(locked)
  return [{ summary: locked ? 'lock password' : 'unlock password', ...risk, do: [step] }]
}

function described({ uid, group, groups, home, shell }: User): string {
  return [`uid ${uid}`, `group ${group}`, ...(groups.length > 0 ? [`groups ${groups.join(', ')}`] : []), `home ${home}`, `shell ${shell}`].join('\n')
}
