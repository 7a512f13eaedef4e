import { ChaosError, revealSecret } from '@chaos/core'
import { createConnector } from '../connect/index.ts'
import { createPluginContexts } from '../context/index.ts'
import { createEmitter, createRedactor } from '../events/index.ts'
import { expandFleet } from '../inventory/index.ts'
import { select } from '../inventory/index.ts'
import type { RunOptions } from './contract.ts'
import { operationElevation } from './elevation.ts'
import { breakLock } from './lock.ts'
import { openHost } from './open-host.ts'
import { createPasswords } from './passwords.ts'

export interface UnlockOptions extends Pick<RunOptions, 'choboloPath' | 'hosts' | 'boats' | 'groups' | 'limit' | 'load' | 'elevation' | 'password' | 'signal' | 'isConnector'> {
  /** The run that is dead: the id that the refusal named. */
  readonly run: string
}

export interface Unlocked {
  readonly host: string
  readonly state: 'unlocked' | 'not locked' | 'failed'
  readonly error?: unknown
}

/** Takes away the lock of a dead run on each host. Only the lock of that run: another one stays. */
export async function unlock(options: UnlockOptions): Promise<readonly Unlocked[]> {
  const { run: id, load, boats = [], groups = {}, hosts, isConnector, limit, choboloPath, elevation = {}, signal = new AbortController().signal } = options
  if (!/^[A-Za-z0-9-]+$/.test(id)) throw new ChaosError('RUN_ID', { message: `${JSON.stringify(id)} is not the id of a run.`, hint: 'The refusal names it: chaos unlock ID.' })
  const redactor = createRedactor()
  const contexts = createPluginContexts({ signal, redactor, emit: createEmitter({ run: id, listeners: [], redactor }) })
  const fleet = await expandFleet({ hosts, boats, groups, load, isConnector }, contexts.of())
  const connector = createConnector({ load, context: contexts.of, signal })
  const password = createPasswords(options.password, (value) => redactor.add(revealSecret(value)))
  return Promise.all(
    select(fleet, { limit }).map(async (resolved): Promise<Unlocked> => {
      const host = resolved.name
      try {
        const connecting = { connect: () => connector.open(resolved), connectFreshly: (until: AbortSignal) => connector.openFresh(resolved, until) }
        const opened = await openHost({ host: resolved, roles: [], ...connecting, elevation, choboloPath, timeout: undefined, password, signal })
        const as = operationElevation({}, opened.fallback, opened.base.os)
        const [answer] = (await opened.exchange([{ as, parts: [{ kind: 'command', command: breakLock(id, opened.opening.lockFolder), trusted: true }] }]))[0] ?? []
        await opened.session().close('done')
        return { host, state: answer?.state === 'done' && answer.code === 0 ? 'unlocked' : 'not locked' }
      } catch (error) {
        return { host, state: 'failed', error }
      }
    }),
  )
}
