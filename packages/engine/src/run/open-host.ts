import path from 'node:path'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { ChaosError } from '@chaos/core'
import type { Connection, Elevation, Local } from '@chaos/core'
import type { ResolvedHost } from '../inventory/index.ts'
import { elevationKey, endLeft, openSession, readEnding } from '../session/index.ts'
import type { Leaving } from '../session/index.ts'
import type { Answer, Request, Session } from '../session/contract.ts'
import { hostElevation } from './elevation.ts'
import { createFactBook } from './fact-book.ts'
import { createGate } from './gate.ts'
import type { HostRun, OpenConnection } from './host-state.ts'
import type { RoleRun } from './operation-run.ts'
import { openingCommand, readOpening } from './opening.ts'
import type { Passwords } from './passwords.ts'
import { protectedOf } from './protected.ts'
import { createRoleStates } from './role-state.ts'

/** How often a host that was lost in mid-change is asked what is left there, each time on a new connection. */
const COME_BACK = 3

export interface OpenHostOptions {
  readonly host: ResolvedHost
  readonly roles: readonly RoleRun[]
  readonly connect: OpenConnection
  readonly elevation: Elevation
  readonly choboloPath: string
  readonly timeout: number | undefined
  /** Another login, though one is open; undefined where the connector logs nobody in. */
  readonly connectFreshly: (until: AbortSignal) => Promise<Connection | undefined>
  readonly password: Passwords
  /** Ends the looking; changes have a signal of their own. */
  readonly signal: AbortSignal
}

/** Connects, and asks the opening frame: one exchange. */
export async function openHost({ host, roles, connect, connectFreshly, elevation, choboloPath, timeout, password, signal }: OpenHostOptions): Promise<HostRun> {
  const began = Date.now()
  const { name, data, groups } = host
  let connection: Connection
  const begin = async (): Promise<Session> => {
    connection = await connect()
    return openSession(connection, { host: name, password: password.ask })
  }
  let session = await begin()
  try {
    const opening = readOpening(await openingAnswer(session, name, timeout, signal), name)
    const book = createFactBook(name, timeout)
    const riding: Ride[] = []
    const gate = createGate(flush)
    const fallback = hostElevation(data, elevation, name)
    const run: HostRun = {
      name, roles, opening, book, began, fallback,
      base: {
        name, data, groups, os: opening.os, local: localOf(choboloPath), book, gate, fallback,
        states: createRoleStates(opening), protects: protectedOf(opening.os, opening.invoker),
      },
      exchange,
      comeBack,
      session: () => session,
      freshly,
      watches: new Map(),
      ride: (request, answered) => void riding.push({ request, answered }),
      lock: { taken: false, as: {} },
      state: 'ok',
      reachable: true,
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
        await reconnect()
        return session.exchange(requests)
      }
    }

    async function reconnect(): Promise<void> {
      run.exchangesBefore += session.exchanges
      await session.close('failed').catch(() => undefined)
      try {
        session = await begin()
      } catch (error) {
        run.reachable = false
        throw error
      }
    }

    async function freshly(request: Request, until: AbortSignal): Promise<Answer> {
      const other = (await connectFreshly(until)) ?? { spawn: connection.spawn.bind(connection), close: async () => {} }
      const one = await openSession(other, { host: name, password: password.known, fresh: true })
      try {
        return (await one.exchange([request]))[0] ?? []
      } finally {
        run.exchangesBefore += one.exchanges
        await one.close('done').catch(() => undefined)
      }
    }

    async function comeBack(as: Elevation, seconds: number): Promise<{ rebooted: boolean; left: Leaving }> {
      const left = session.left(as)
      if (!left) throw new ChaosError('CONNECTION_LOST', { message: `The connection to ${name} was lost.`, host: name })
      const { bootId } = opening.os
      const command = endLeft(left, { boot: bootId, seconds })
      const asking = { as, signal, parts: [{ kind: 'command', command, trusted: true }] } as const
      let answer = (await exchange([asking]))[0]?.[0]
      // Asking twice does no harm, and a link that comes back may go again.
      for (let tries = 1; answer?.state === 'unknown' && tries < COME_BACK; tries++) answer = (await exchange([asking]))[0]?.[0]
      if (answer?.state === 'ended' || signal.aborted) throw new ChaosError('INTERRUPTED', { message: `Interrupted before ${name} was looked at again.`, host: name })
      if (answer?.state !== 'done') throw new ChaosError('CONNECTION_LOST', { message: `The connection to ${name} was lost again.`, host: name })
      const ending = readEnding(Buffer.from(answer.stdout).toString())
      const rebooted = bootId !== undefined && ending.boot !== undefined && ending.boot !== bootId
      return { rebooted, left: rebooted ? 'ended' : ending.left }
    }

    async function flush(): Promise<void> {
      const outgoing = book.take()
      const rides = riding.splice(0)
      try {
        const asked = outgoing.requests.map((request) => ({ ...request, signal }))
        const { requests, tell } = joined(asked, rides)
        const first = await exchange(requests)
        // To look and to give the lock back may be repeated: a lost answer is asked for once more.
        const lost = !signal.aborted && first.some((parts) => parts.some(({ state }) => state === 'unknown'))
        const answers = lost ? await exchange(requests) : first
        tell(answers)
        outgoing.settle(answers)
      } catch (error) {
        outgoing.fail(error)
      }
    }
  } catch (error) {
    await session.close(signal.aborted ? 'aborted' : 'failed').catch(() => undefined)
    throw error
  }
}

interface Ride {
  readonly request: Request
  readonly answered: (answer: Answer) => void
}

/** What rides goes behind the questions of the same user, in one request. */
function joined(asked: readonly Request[], rides: readonly Ride[]): { requests: readonly Request[]; tell: (answers: readonly Answer[]) => void } {
  const requests = [...asked]
  const places = rides.map(({ request }) => {
    const at = requests.findIndex(({ as }) => elevationKey(as) === elevationKey(request.as))
    const same = requests[at]
    if (!same) return { at: requests.push(request) - 1, from: 0 }
    requests[at] = { ...same, parts: [...same.parts, ...request.parts] }
    return { at, from: same.parts.length }
  })
  return {
    requests,
    tell: (answers) => rides.forEach(({ answered, request }, index) => {
      const { at, from } = places[index] as (typeof places)[number]
      answered((answers[at] ?? []).slice(from, from + request.parts.length))
    }),
  }
}

/** Seconds a host that let us in may take for its first answer, when the run says nothing. */
const FIRST_ANSWER = 60

async function openingAnswer(session: Session, host: string, timeout: number | undefined, signal: AbortSignal): Promise<Uint8Array> {
  const seconds = timeout ?? FIRST_ANSWER
  // Kept here too: a host that never says a word does not begin what has a time of its own.
  const late = AbortSignal.timeout(seconds * 1000)
  const part = { kind: 'command', command: openingCommand, trusted: true } as const
  const [[answer] = []] = await session.exchange([{ as: {}, parts: [part], signal: AbortSignal.any([signal, late]) }])
  if (answer?.state === 'done' && answer.code === 0) return answer.stdout
  if (signal.aborted) throw new ChaosError('INTERRUPTED', { message: `${host} was not looked at: interrupted.`, host })
  if (late.aborted) {
    throw new ChaosError('HOST_TIMEOUT', {
      message: `${host} let us in and did not answer within ${seconds} seconds.`,
      hint: 'Log in by hand: what hangs there (a login script, a full disk, a dead network mount) hangs here too.',
      host,
    })
  }
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
