import docker from '@chaos/connector-docker'
import local from '@chaos/connector-local'
import ssh from '@chaos/connector-ssh'
import { ChaosError } from '@chaos/core'
import type { HostReference, Role } from '@chaos/core'
import files from '@chaos/role-files'
import packages from '@chaos/role-packages'
import services from '@chaos/role-services'
import users from '@chaos/role-users'
import { applyWith, startDebian } from '@chaos/testkit'
import type { Applied, ApplyOptions, Debian } from '@chaos/testkit'

const CONNECTORS: Readonly<Record<string, unknown>> = { docker, local, ssh }
const ROLES: Readonly<Record<string, Role>> = { files, packages, services, users }
/** Whose keys they are. */
const OF: Readonly<Record<string, string>> = { files: 'files', groups: 'users', hostname: 'users', packages: 'packages', services: 'services', users: 'users' }

/** A Ch-obolo's keys of roles. */
export interface System {
  readonly [key: string]: unknown
}

export interface RunOptions extends Pick<ApplyOptions, 'dry' | 'maxRemovals' | 'guard'> {
  readonly host: HostReference
}

/** A whole run of all roles whose keys are there, in the order of the keys. */
export function applySystem(system: System, { host, ...options }: RunOptions): Promise<Applied> {
  const tags = [...new Set(Object.keys(system).map((key) => OF[key] as string))]
  return applyWith({
    ...options,
    roles: Object.fromEntries(tags.map((tag) => [tag, ROLES[tag] as Role])),
    desired: system,
    hosts: [host],
    secrets: async () => ({}),
    load: async (kind, name) => {
      if (kind === 'connector' && name in CONNECTORS) return CONNECTORS[name]
      throw new ChaosError('PLUGIN_MISSING', { message: `This test has no ${kind} ${name}.` })
    },
  })
}

export interface Outcome {
  readonly errors: Applied['errors']
  readonly state: string | undefined
  /** Operations of the plan that have something to do, or may have. */
  readonly changes: number
}

/** How it ended on its one host. */
export function outcomeOf({ errors, hosts: [host], plan }: Applied): Outcome {
  return { errors, state: host?.state, changes: plan.changes.operations + plan.changes.later }
}

export const NOTHING: Outcome = { errors: [], state: 'ok', changes: 0 }

/** `systemd.service cron`, of the operations that the plan gives this verdict. */
export function planned({ plan }: Applied, verdict: string): string[] {
  const operations = plan.hosts.flatMap(({ roles }) => roles.flatMap((role) => role.operations))
  return operations.filter((each) => each.verdict === verdict).map(({ operation, title }) => `${operation} ${title}`)
}

// A mail server for cron would be recommended, and would want a port of this machine.
const READY = `set -e
echo 'APT::Install-Recommends "false";' >/etc/apt/apt.conf.d/50small
useradd --create-home admin
(umask 337; echo 'admin ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin)`

/** Starts a machine that boots, whose user admin may do everything through sudo. */
export async function startSystem(packages: readonly string[] = []): Promise<Debian> {
  const machine = await startDebian({ systemd: true, packages })
  await machine.run(READY)
  return machine
}

/** How a machine is reached: as root, or as a user who needs sudo for everything. */
export type Way = 'docker' | 'ssh' | 'sudo'

/** The machine, reached so. */
export function by(way: Way, { host, ssh }: Debian): HostReference {
  if (way === 'docker') return host
  const over = ssh as HostReference
  return way === 'ssh' ? over : { ...over, data: { ...over.data, ssh_user: 'admin', sudo: true } }
}
