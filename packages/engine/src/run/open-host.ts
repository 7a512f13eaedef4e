import path from 'node:path'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { ChaosError } from '@chaos/core'
import type { Elevation, Local, Secret } from '@chaos/core'
import type { ResolvedHost } from '../inventory/index.ts'
import { elevationKey, openSession } from '../session/index.ts'
import type { Answer, Request, Session } from '../session/contract.ts'
import { hostElevation } from './elevation.ts'
import { createFactBook } from './fact-book.ts'
import { createGate } from './gate.ts'
import type { HostRun, OpenConnection } from './host-state.ts'
import type { RoleRun } from './operation-run.ts'
import { openingCommand, readOpening } from './opening.ts'
import { createRoleStates } from './role-state.ts'

export interface OpenHostOptions {
  readonly host: ResolvedHost
  readonly roles: readonly RoleRun[]
  readonly connect: OpenConnection
  readonly elevation: Elevation
  readonly choboloPath: string
  readonly timeout: number | undefined
  readonly password: (ask: { host: string; elevation: Elevation; user: string }) => Promise<Secret | undefined>
  /** Ends the looking; changes have a signal of their own. */
  readonly signal: AbortSignal
}

/** Connects, and asks the opening frame: one exchange. */
export async function openHost({ host, roles, connect, elevation, choboloPath, timeout, password, signal }: OpenHostOptions): Promise<HostRun> {
  const began = Date.now()
  const { name, data, groups } = host
  const begin = async (): Promise<Session> => openSession(await connect(), { host: name, password })
  let session = await begin()
  try {
    const opening = readOpening(await openingAnswer(session, name, timeout, signal), name)
    const book = createFactBook(name, timeout)
    const riding: Request[] = []
    const gate = createGate(flush)
    const run: HostRun = {
      name, roles, opening, book, began,
      fallback: hostElevation(data, elevation, name),
      base: { name, data, groups, os: opening.os, local: localOf(choboloPath), book, gate, states: createRoleStates(opening) },
      exchange,
      session: () => session,
      ride: (request) => void riding.push(request),
      lock: { taken: false, as: {} },
      state: 'ok',
      error: undefined,
      exchangesBefore: 0,
    }
    return run

    async function exchange(requests: readonly Request[]): Promise<readonly Answer[]> {
      try {
        return await session.exchange(requests)
      } catch (error) {
        if (signal.aborted || !(error instanceof Error && 'code' in error && error.code === 'CONNECTION_LOST')) throw error
        // Nothing of it was sent, so it may be sent on a new connection.
        run.exchangesBefore += session.exchanges
        await session.close('failed').catch(() => undefined)
        session = await begin()
        return session.exchange(requests)
      }
    }

    async function flush(): Promise<void> {
      const outgoing = book.take()
      const rides = riding.splice(0)
      try {
        const asked = outgoing.requests.map((request) => ({ ...request, signal }))
        outgoing.settle(await exchange(joined(asked, rides)))
      } catch (error) {
        outgoing.fail(error)
      }
    }
  } catch (error) {
    await session.close(signal.aborted ? 'aborted' : 'failed').catch(() => undefined)
    throw error
  }
}

/** What rides goes behind the questions of the same user, in one request. */
function joined(asked: readonly Request[], rides: readonly Request[]): Request[] {
  const requests = [...asked]
  for (const ride of rides) {
    const at = requests.findIndex(({ as }) => elevationKey(as) === elevationKey(ride.as))
    const same = requests[at]
    if (same) requests[at] = { ...same, parts: [...same.parts, ...ride.parts] }
    else requests.push(ride)
  }
  return requests
}

async function openingAnswer(session: Session, host: string, timeout: number | undefined, signal: AbortSignal): Promise<Uint8Array> {
  const part = { kind: 'command', command: openingCommand, ...(timeout === undefined ? { trusted: true } : { timeout }) } as const
  const [answer] = (await session.exchange([{ as: {}, parts: [part], signal }]))[0] ?? []
  if (answer?.state === 'done' && answer.code === 0) return answer.stdout
  if (answer?.state === 'ended') throw new ChaosError(answer.why === 'timeout' ? 'HOST_TIMEOUT' : 'INTERRUPTED', { message: `${host} was not looked at: ${answer.why}.`, host })
  const stderr = answer?.state === 'done' ? Buffer.from(answer.stderr).toString().trim() : answer?.state === 'unknown' ? answer.reason : ''
  throw new ChaosError('HOST_ANSWER', { message: `${host} did not answer as a Unix host does: ${stderr || 'the first command failed'}.`, host, details: { stderr } })
}

function localOf(choboloPath: string): Local {
  const directory = path.dirname(choboloPath)
  const resolve = (file: string): string => path.resolve(directory, file.startsWith('~/') ? path.join(homedir(), file.slice(2)) : file)
  return {
    directory,
    resolve,
    async read(file) {
      try {
        return await readFile(resolve(file))
      } catch (cause) {
        throw new ChaosError('LOCAL_FILE', {
          message: `Cannot read ${resolve(file)} on this machine: ${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : String((cause as NodeJS.ErrnoException).code)}.`,
          hint: 'A relative path starts in the folder of the Ch-obolo.',
          cause,
        })
      }
    },
    hold: async (work) => work(),
  }
}
