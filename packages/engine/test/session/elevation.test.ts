import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { secret, sh } from '@chaos/core'
import type { Elevation } from '@chaos/core'
import { afterEach, describe, expect, it } from 'vitest'
import { elevationKey, normalizeElevation, openSession } from '../../src/session/index.ts'
import type { Session } from '../../src/session/index.ts'
import { noNamespace, openElevationNamespace } from './elevation-namespace.ts'
import type { ElevationNamespace, ElevationRules } from './elevation-namespace.ts'
import { localConnection } from './local-connection.ts'

it('knows that elevating to who we already are is nothing', () => {
  expect(normalizeElevation({ sudo: true }, { uid: 0, user: 'root' })).toEqual({})
  expect(normalizeElevation({ sudoUser: 'ana' }, { uid: 1000, user: 'ana' })).toEqual({})
  expect(normalizeElevation({ sudo: true, sudoUser: 'root' }, { uid: 1000, user: 'ana' })).toEqual({ sudo: true })
  expect(normalizeElevation({ sudo: false, doas: 'root' }, { uid: 1000, user: 'ana' })).toEqual({ doas: true })
  expect(elevationKey({ sudo: true })).toBe(elevationKey({ sudoUser: 'root' }))
  expect(elevationKey({ sudo: false })).toBe('')
})

const reason = noNamespace()

describe.skipIf(reason)(`real sudo, su and doas${reason ? ` (${reason})` : ''}`, () => {
  let namespace: ElevationNamespace
  let session: Session
  let asked: number

  afterEach(async () => {
    await session.close('done')
    await namespace.close()
  })

  async function open(rules: ElevationRules, password: (n: ElevationNamespace) => string | undefined): Promise<void> {
    namespace = await openElevationNamespace(rules)
    asked = 0
    session = await openSession(localConnection('dash', { wrap: namespace.wrap }), {
      host: 'here',
      password: async () => {
        asked += 1
        const text = password(namespace)
        return text === undefined ? undefined : secret(text)
      },
    })
  }

  /** Who we are, what stderr and binary stdin come to, and what the process list and environments hold of the passwords. */
  async function look(as: Elevation): Promise<unknown[]> {
    const bytes = Buffer.from([...Array(256).keys()])
    const [answer] = await session.exchange([{ as, parts: [
      { kind: 'command', command: sh`id -un; echo err >&2; exit 3` },
      { kind: 'command', command: sh`cat`, stdin: bytes },
      { kind: 'command', command: sh`sleep 4323`, timeout: 0.2 },
    ] }])
    const [first, second, third] = answer ?? []
    for (const canary of [namespace.password, namespace.rootPassword]) expect(whereInProc(canary)).toEqual([])
    return [
      first?.state === 'done' ? `${first.code} ${Buffer.from(first.stdout).toString()}${Buffer.from(first.stderr).toString()}` : first,
      second?.state === 'done' && Buffer.from(second.stdout).equals(bytes),
      third?.state,
    ]
  }
  const fine = ['3 root\nerr\n', true, 'ended']
  const code = (as: Elevation) => look(as).then(() => 'no error', (error: { code?: string; message: string }) => error.code ?? error.message)

  it('sudo with a password, and as another user', async () => {
    await open({ sudoers: 'chaostester ALL=(ALL) ALL' }, (n) => n.password)
    expect(await look({ sudo: true })).toEqual(fine)
    expect(await look({ sudoUser: 'chaosother' })).toEqual(['3 chaosother\nerr\n', true, 'ended'])
    expect(await look({})).toEqual(['3 chaostester\nerr\n', true, 'ended'])
    expect(asked).toBe(1)
    const before = session.exchanges
    const answers = await session.exchange([{ sudo: true }, { sudoUser: 'chaosother' }, {}].map((as) => ({ as, parts: [{ kind: 'command' as const, command: sh`id -u`, trusted: true }] })))
    expect(answers.flat().map((part) => part.state)).toEqual(['done', 'done', 'done'])
    expect(session.exchanges - before).toBe(1)
  })

  it('sudo and doas without a password ask for none', async () => {
    await open({ sudoers: 'chaostester ALL=(ALL) NOPASSWD: ALL', doas: 'permit nopass chaostester' }, () => undefined)
    expect(await look({ sudo: true })).toEqual(fine)
    expect(await look({ doas: true })).toEqual(fine)
    expect(await look({ doas: 'chaosother' })).toEqual(['3 chaosother\nerr\n', true, 'ended'])
    expect(asked).toBe(0)
  })

  it('su with the password of root', async () => {
    await open({}, (n) => n.rootPassword)
    expect(await look({ su: true })).toEqual(fine)
  })

  it('doas with a password, and sudo that requires a terminal', async () => {
    await open({ sudoers: 'Defaults requiretty\nchaostester ALL=(ALL) ALL', doas: 'permit chaostester' }, (n) => n.password)
    expect(await look({ doas: true })).toEqual(fine)
    expect(await look({ doas: 'chaosother' })).toEqual(['3 chaosother\nerr\n', true, 'ended'])
    expect(await look({ sudo: true })).toEqual(fine)
    const [enter = '', ...inside] = namespace.wrap
    expect(execFileSync(enter, [...inside, 'ls', '-A', '/dev/shm'], { encoding: 'utf8' })).toBe('')
  })

  it('says that a password is wrong', async () => {
    await open({ sudoers: 'chaostester ALL=(ALL) ALL', doas: 'permit chaostester' }, () => 'wrong')
    expect(await Promise.all([{ sudo: true }, { su: true }, { doas: true }].map(code))).toEqual(Array(3).fill('ELEVATION_PASSWORD'))
  })

  it('says that a password is needed, and that one may not', async () => {
    await open({ sudoers: 'chaostester ALL=(ALL) ALL' }, () => undefined)
    expect(await Promise.all([{ sudo: true }, { su: true }, { doas: true }].map(code))).toEqual(['ELEVATION_NEEDS_PASSWORD', 'ELEVATION_NEEDS_PASSWORD', 'ELEVATION_REFUSED'])
    await session.close('done')
    await namespace.close()
    await open({ sudoers: 'root ALL=(ALL) ALL' }, (n) => n.password)
    expect(await code({ sudo: true })).toBe('ELEVATION_REFUSED')
  })
})

function whereInProc(text: string): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).flatMap((pid) => ['cmdline', 'environ'].filter((file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text)
    } catch {
      return false
    }
  }).map((file) => `${pid} ${file}`))
}
