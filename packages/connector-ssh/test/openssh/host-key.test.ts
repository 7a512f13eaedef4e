import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sh } from '@chaos/core'
import { noSshd, pluginContext, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTo, refusal, run, scratch } from './open-to.ts'
import type { Scratch } from './open-to.ts'

const missing = noSshd()
const OTHER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB93pRCEZuyURH22fPfQBXdaqvhq8CEQzx5TqB1X9bFr'

describe.skipIf(missing !== undefined)(`host keys of the openssh transport (${missing ?? 'a real sshd'})`, () => {
  let sshd: Sshd
  let temporary: Scratch
  let known: string

  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa'], rootPassword: 'right' })
  })
  afterAll(() => sshd.close())
  beforeEach(() => {
    temporary = scratch()
    known = join(temporary.folder, 'known')
  })
  afterEach(() => {
    temporary.remove(['known'])
  })

  const name = (): string => `[${sshd.host}]:${sshd.port}`
  const knows = (...lines: string[]): void => writeFileSync(known, lines.map((line) => `${line}\n`).join(''))
  /** What sshd says of whoever tried to log in meanwhile. */
  const triesDuring = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = sshd.log().length
    await work()
    return sshd.log().slice(before).split('\n').filter((line) => /Accepted|Failed|userauth|Postponed|Partial/.test(line))
  }

  it('refuses a host that no file names, before anything of the user is sent', async () => {
    knows()
    const tries = await triesDuring(async () => {
      const error = await refusal(openTo(sshd, { knownHosts: [known] }))
      expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', host: sshd.host, details: { retry: false } })
      expect(error.message).toMatch(/SHA256:\S{43}/)
    })
    expect(tries).toEqual([])
    expect(readFileSync(known, 'utf8')).toBe('')
  })

  it('refuses another key than the known one, also when new ones are accepted', async () => {
    for (const strict of ['yes', 'accept-new'] as const) {
      knows(`${name()} ${OTHER}`)
      const tries = await triesDuring(async () => {
        const error = await refusal(openTo(sshd, { knownHosts: [known], strict }))
        expect(error.code).toBe('HOST_KEY_CHANGED')
        expect(error.message).toContain(`${known}:1`)
      })
      expect(tries).toEqual([])
      expect(readFileSync(known, 'utf8')).toBe(`${name()} ${OTHER}\n`)
    }
  })

  it('takes no key of another type for a new one', async () => {
    const alone = await startSshd()
    try {
      const line = `[${alone.host}]:${alone.port} ${sshd.hostKey('ecdsa')}`
      knows(line)
      expect((await refusal(openTo(alone, { knownHosts: [known], strict: 'accept-new' }))).code).toBe('HOST_KEY_CHANGED')
      expect(readFileSync(known, 'utf8')).toBe(`${line}\n`)
    } finally {
      await alone.close()
    }
  })

  it('takes no host for a new one that a certificate authority should vouch for', async () => {
    const line = `@cert-authority ${name()} ${OTHER}\n`
    writeFileSync(known, line)
    expect((await refusal(openTo(sshd, { knownHosts: [known], strict: 'accept-new' }))).code).toBe('HOST_KEY_UNKNOWN')
    expect(readFileSync(known, 'utf8')).toBe(line)
  })

  it('refuses a revoked key', async () => {
    knows(`@revoked * ${sshd.hostKey('ed25519')}`, `${name()} ${sshd.hostKey('ed25519')}`)
    expect((await refusal(openTo(sshd, { knownHosts: [known] }))).code).toBe('HOST_KEY_REVOKED')
  })

  it('keeps the key of a new host when it may, and knows it from then on', async () => {
    knows()
    const context = pluginContext()
    const first = await openTo(sshd, { knownHosts: [known], strict: 'accept-new' }, { context })
    expect((await run(first, sh`echo in`)).stdout).toBe('in\n')
    await first.close({ outcome: 'done' })
    expect(readFileSync(known, 'utf8').split(' ')[0]).toBe(name())
    // In the same run as in another one.
    const second = await openTo(sshd, { knownHosts: [known] }, { context })
    await (await openTo(sshd, { knownHosts: [known] })).close({ outcome: 'done' })
    await second.close({ outcome: 'done' })
  })

  it('accepts no new host whose key it could not keep', async () => {
    knows()
    const tries = await triesDuring(async () => {
      for (const file of [temporary.folder, '/dev/null', join(known, 'below')]) {
        expect(await refusal(openTo(sshd, { knownHosts: [file], strict: 'accept-new' }))).toMatchObject({ code: expect.stringMatching(/^KNOWN_HOSTS_/), details: { retry: false } })
      }
    })
    expect(tries).toEqual([])
  })

  it('looks a host up by its alias', async () => {
    knows(`db-alias ${sshd.hostKey('ed25519')}`)
    const connection = await openTo(sshd, { knownHosts: [known], knownAs: 'db-alias' })
    expect((await run(connection, sh`echo in`)).stdout).toBe('in\n')
    await connection.close({ outcome: 'done' })
  })
})
