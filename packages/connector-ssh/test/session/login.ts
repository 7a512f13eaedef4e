import { script, secret } from '@chaos/core'
import type { Elevation } from '@chaos/core'
import type { Sshd } from '@chaos/testkit'
// The session is the engine's own, and no part of what it offers.
import { openSession } from '../../../engine/src/session/index.ts'
import type { Session } from '../../../engine/src/session/index.ts'
import { connect } from './connect.ts'
import type { Transport } from './connect.ts'

export interface Login {
  readonly session: Session
  /** How often a password was asked for. */
  asked(): number
  /** What a script answers, as someone: its code, and what it printed. */
  run(text: string, as?: Elevation): Promise<readonly [number, string, string]>
}

const opened: Session[] = []

export interface LoginOptions {
  /** What is given when a password is asked for. Default: none. */
  readonly password?: (as: Elevation) => string | undefined
  /** Default ssh2. */
  readonly transport?: Transport
}

/** The engine's session with a machine, as one of its users. Closed by `closeLogins`. */
export async function login(sshd: Sshd, user: string, { password = () => undefined, transport = 'ssh2' }: LoginOptions = {}): Promise<Login> {
  let asked = 0
  const session = await openSession(await connect(sshd, user, transport), {
    host: 'web',
    password: async ({ elevation }) => {
      asked += 1
      const text = password(elevation)
      return text === undefined ? undefined : secret(text)
    },
  })
  opened.push(session)
  return {
    session,
    asked: () => asked,
    run: async (text, as = {}) => {
      const answers = await session.exchange([{ as, parts: [{ kind: 'command', command: script(text) }] }])
      const answer = answers[0]?.[0]
      if (answer?.state !== 'done') throw new Error(`not done: ${JSON.stringify(answer)}`)
      return [answer.code, Buffer.from(answer.stdout).toString(), Buffer.from(answer.stderr).toString()]
    },
  }
}

export async function closeLogins(): Promise<void> {
  await Promise.all(opened.splice(0).map((session) => session.close('done')))
}

/** What went wrong, as a test compares it. */
export async function troubleOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ message: `no error, but ${JSON.stringify(value)}` }),
    (error: unknown) => error,
  )
}
