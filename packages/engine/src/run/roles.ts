import { ChaosError } from '@chaos/core'
import { createSelection, unusedRestrictions } from '../inventory/index.ts'
import type { ResolvedHost } from '../inventory/index.ts'
import type { RoleRequest, RunOptions } from './contract.ts'
import type { Emit } from '../events/index.ts'
import type { RoleRun } from './operation-run.ts'

export interface Assigned {
  readonly hosts: readonly ResolvedHost[]
  readonly roles: ReadonlyMap<ResolvedHost, RoleRun[]>
}

/** What runs where, with its slice of the Ch-obolo: the one place that decides. Nothing is connected yet, so that a mistake in the file costs nothing. */
export async function assignRoles(all: readonly ResolvedHost[], options: RunOptions, emit: Emit): Promise<Assigned> {
  for (const path of unusedRestrictions(options.restrictions, all)) {
    emit({ type: 'warning', code: 'RESTRICTION_UNUSED', message: `${path} names no host of the fleet.`, hint: 'Look for a typing error: what should be restricted is not.' })
  }
  const { hosts, decide } = createSelection(all, { limit: options.limit, exclude: options.exclude, restrictions: options.restrictions })
  const roles = new Map<ResolvedHost, RoleRun[]>()
  for (const host of hosts) {
    const runs: RoleRun[] = []
    for (const request of options.roles) {
      const slice = await options.slice(host, request)
      if (slice === undefined && !request.explicit) continue
      const decision = decide(host, request.tag)
      const skipped = !decision.run ? decision.reason : slice === undefined ? 'none of its keys is in the Ch-obolo' : undefined
      const secrets = skipped === undefined ? await secretsOf(host, request, options) : {}
      runs.push({ tag: request.tag, request, slice: slice ?? { desired: {}, chobolo: {} }, secrets, asked: [], operations: [], kept: [], error: undefined, skipped })
    }
    roles.set(host, runs)
  }
  return { hosts, roles }
}

async function secretsOf(host: ResolvedHost, request: RoleRequest, { secrets }: RunOptions): Promise<Readonly<Record<string, unknown>>> {
  const { definition } = request.role
  const wanted = definition?.secrets ?? request.secrets ?? []
  if (wanted.length === 0) return {}
  if (secrets) return secrets(host, request)
  if (!definition || definition.needsSecrets === false) return {}
  throw new ChaosError('SECRETS_NOT_GIVEN', {
    message: `The role ${request.tag} needs the secrets ${wanted.join(', ')}, and this run was given none.`,
    host: host.name,
  })
}
