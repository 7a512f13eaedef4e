import { ChaosError, secretText } from '@chaos/core'
import type { Host, Secret } from '@chaos/core'
import { accountCounts, group, groupById, user, userById } from '../../facts/accounts.ts'
import type { Group, User } from '../../facts/accounts.ts'
import { password } from '../../facts/password.ts'
import type { PasswordState } from '../../facts/password.ts'
import { program } from '../../facts/program.ts'
import { stat } from '../../facts/stat.ts'
import { sourceOf } from '../../files/source.ts'
import type { UserArgs } from '../user.ts'
import { accountTools } from './tools.ts'
import type { AccountTools } from './tools.ts'

/** All that has to be known of a host to compare one account. */
export interface UserLook {
  readonly have: User | null
  /** Whose the id is that it shall have. */
  readonly uidOwner: string | null
  /** The group of its own name. */
  readonly namesake: Group | null
  /** Groups that it shall be in, its primary one among them, and that are not there. */
  readonly missingGroups: readonly string[]
  /** Of `groups`: those that come from a directory, where only that can put somebody in. */
  readonly foreignGroups: readonly string[]
  readonly shellThere: boolean
  readonly homeThere: boolean
  readonly password: PasswordState | null
  /** Of the hash that it shall have, as {@link PasswordState} has it. */
  readonly wantedSum: string | undefined
  readonly people: number
  readonly tools: () => AccountTools
}

/** Asks everything at once. */
export async function lookAtUser(args: UserArgs, host: Host): Promise<UserLook> {
  const { name, uid, group: primary, groups = [], shell, home, createHome, password: wanted, locked, present } = args
  const usual = home ?? `/home/${name}`
  const secretive = wanted !== undefined || locked !== undefined
  const [have, uidOwner, namesake, primaryThere, supplementary, found, homeStat, state, wantedSum, counts, tools] = await Promise.all([
    host.fact(user(name)),
    uid === undefined ? null : host.fact(userById(uid)),
    host.fact(group(name)),
    primary === undefined ? true : isGroupThere(primary, host),
    Promise.all(groups.map(async (each) => [each, await host.fact(group(each))] as const)),
    shell === undefined ? null : host.fact(program(shell)),
    createHome === true ? host.fact(stat(usual)) : null,
    secretive ? host.fact(password(name)) : null,
    wanted === undefined ? undefined : sumOf(wanted, host),
    present ? undefined : host.fact(accountCounts()),
    accountTools(host),
  ])
  const homeThere = homeStat !== null || (createHome === true && home === undefined && have !== null && have.home !== usual && (await host.fact(stat(have.home))) !== null)
  return {
    have, uidOwner, namesake,
    missingGroups: [...(primaryThere ? [] : [primary ?? '']), ...supplementary.flatMap(([each, there]) => (there === null ? [each] : []))],
    foreignGroups: supplementary.flatMap(([each, there]) => (there?.local === false ? [each] : [])),
    shellThere: found !== null,
    homeThere, password: state, wantedSum, people: counts?.people ?? 0, tools,
  }
}

async function isGroupThere(primary: string, host: Host): Promise<boolean> {
  return (await (/^\d+$/.test(primary) ? host.fact(groupById(Number(primary))) : host.fact(group(primary)))) !== null
}

async function sumOf(hash: Secret, host: Host): Promise<string> {
  return (await sourceOf(secretText`${hash}\n`, host)).sha256
}

/** Why an account cannot be made so; thrown before anything changes. */
export function refuse({ name, uid }: UserArgs, { have, uidOwner, foreignGroups }: UserLook, host: Host): void {
  if (uid !== undefined && uidOwner !== null && uidOwner !== name) {
    throw new ChaosError('UID_TAKEN', { message: `${name} cannot have the id ${uid} on ${host.name}: ${uidOwner} has it.`, hint: 'Give another uid, or none.', host: host.name })
  }
  const foreign = foreignGroups.filter((group) => have?.groups.includes(group) !== true)
  if (foreign.length > 0) {
    throw new ChaosError('GROUP_NOT_LOCAL', {
      message: `${name} cannot be put into ${foreign.join(', ')} on ${host.name}: that comes from a directory.`,
      hint: 'Put it in there, in the directory (LDAP, sssd).',
      host: host.name,
    })
  }
}

export function notLocal(name: string, host: Host): ChaosError {
  return new ChaosError('USER_NOT_LOCAL', {
    message: `The account ${name} comes to ${host.name} from a directory, and cannot be changed there.`,
    hint: 'Change it in the directory (LDAP, sssd), or leave out what differs.',
    host: host.name,
  })
}
