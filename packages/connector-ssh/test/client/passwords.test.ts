import { inspect } from 'node:util'
import { secret, sh } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Settings } from '../../src/settings/contract.ts'
import { failing, open, run, runContext, settingsFor } from './support.ts'

const missing = noSshd()
const users = { ana: { password: 'open sesame' } }
let sshd: Sshd
/** Asks for itself, through PAM, and takes no password otherwise. */
let asking: Sshd

beforeAll(async () => {
  if (missing !== undefined) return
  sshd = await startSshd({ users })
  asking = await startSshd({ users, config: 'KbdInteractiveAuthentication yes\nPasswordAuthentication no' })
})

afterAll(async () => {
  await sshd?.close()
  await asking?.close()
})

const ana = (at: Sshd, changes: Partial<Settings> = {}) => settingsFor(at, { user: 'ana', keys: [], ...changes })
const whoami = async (settings: Settings, context = runContext()) => (await run(await open(settings, context), sh`id -un`)).stdout
const failures = (log: string) => log.match(/^Failed \S+ for|authentication failure/gm) ?? []

describe.skipIf(missing !== undefined)(`passwords${missing === undefined ? '' : ` (${missing})`}`, () => {
  it('let in', async () => {
    expect(await whoami(ana(sshd, { password: secret('open sesame') }))).toBe('ana\n')
  })

  it('come after the keys', async () => {
    const before = sshd.log().length
    expect(await whoami(ana(sshd, { keys: [{ path: sshd.key, required: true }], password: secret('open sesame') }))).toBe('ana\n')
    expect(sshd.log().slice(before)).toMatch(/Accepted publickey for ana/)
  })

  it('that are wrong are tried once, and stand in no error', async () => {
    const before = sshd.log().length
    const error = await failing(open(ana(sshd, { password: secret('close barley'), connectRetries: 3 })))
    expect([error.code, error.details?.['retry'], error.hint]).toEqual(['AUTHENTICATION_FAILED', false, 'Check ssh_user and ssh_password.'])
    expect(error.message).toContain('refused   the password')
    await vi.waitFor(() => expect(failures(sshd.log().slice(before))).not.toBeNull(), 20_000)
    expect(failures(sshd.log().slice(before))).toHaveLength(1)
    expect(inspect(error, { depth: 9 })).not.toContain('barley')
  })

  it('answer what a server asks by itself', async () => {
    expect(await whoami(ana(asking, { password: secret('open sesame') }))).toBe('ana\n')
  })

  it('that are wrong there are given once too', async () => {
    const before = asking.log().length
    const error = await failing(open(ana(asking, { password: secret('close barley') })))
    expect([error.code, error.message]).toEqual(['AUTHENTICATION_FAILED', expect.stringContaining('refused   the password')])
    // sshd writes it down a moment after it has said it.
    const failures = (): number => asking.log().slice(before).match(/Failed keyboard-interactive|error: PAM: Authentication failure/g)?.length ?? 0
    await vi.waitFor(() => expect(failures()).toBeGreaterThan(0), 20_000)
    expect(failures()).toBe(1)
  })

  it('are asked for where a server asks and none is given, once for all connections to it', async () => {
    const questions: string[] = []
    const context = runContext({
      prompt: async ({ text, secret: hidden }) => {
        questions.push(`${text} ${hidden}`)
        return secret('open sesame')
      },
    })
    expect(await whoami(ana(asking), context)).toBe('ana\n')
    expect(await whoami(ana(asking), context)).toBe('ana\n')
    expect(questions).toEqual([expect.stringMatching(/Password: \(web asks ana\) true$/)])
  })

  it('that nobody can be asked for are an error that says what was asked', async () => {
    const error = await failing(open(ana(asking)))
    expect([error.code, error.hint]).toEqual(['AUTHENTICATION_FAILED', expect.stringContaining('Give ssh_password or a key')])
    expect(error.message).toMatch(/^asked .*Password:/m)
  })

  it('are told of where a server takes them and there is none', async () => {
    const error = await failing(open(ana(sshd)))
    expect([error.code, error.hint]).toEqual(['AUTHENTICATION_FAILED', 'No key was there to show: set ssh_key, or add one to the agent (ssh-add).'])
    expect(error.message).toMatch(/^it takes .*password/m)
  })
})

describe.skipIf(missing !== undefined)(`two factors${missing === undefined ? '' : ` (${missing})`}`, () => {
  it.each([
    ['publickey,password', 1],
    ['password,publickey', 1],
    ['publickey,keyboard-interactive', 1],
    ['publickey,publickey password', 1],
  ])('in the order %s', async (methods, connections) => {
    const both = await startSshd({ users, config: `KbdInteractiveAuthentication yes\nAuthenticationMethods ${methods}` })
    try {
      expect(await whoami(ana(both, { keys: [{ path: both.key, required: true }], password: secret('open sesame') }))).toBe('ana\n')
      expect(both.log().match(/Connection from/g)).toHaveLength(connections)
    } finally {
      await both.close()
    }
  })
})
