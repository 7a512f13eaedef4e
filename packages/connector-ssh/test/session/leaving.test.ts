import { script } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { login } from './login.ts'

const reason = noSshd()

describe.skipIf(reason !== undefined)(`the end of a session${reason === undefined ? '' : ` (${reason})`}`, () => {
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {} }, sudoers: 'ana ALL=(ALL) NOPASSWD: ALL\n' })
  })
  afterAll(() => sshd.close())

  const shells = async (): Promise<string> => (await sshd.run(`ps -eo user=,args= | grep -E ' (sudo|sh)( |$)' | grep -v grep | grep -v 'sh -[ce]' || true`)).trim()
  const sessions = (): number => sshd.log().match(/Starting session/g)?.length ?? 0

  it('leaves idle shells to the end of their stdin: no channel is opened for it, and none of them stays', async () => {
    const before = await shells()
    const { session, run } = await login(sshd, 'ana')
    await run('id -un')
    await run('id -un', { sudo: true })
    const open = sessions()
    expect(await shells()).not.toBe(before)
    await session.close('done')
    await vi.waitFor(async () => expect(await shells()).toBe(before), 20_000)
    await vi.waitFor(async () => expect(await sshd.connections()).toBe(0), 20_000)
    expect(sessions()).toBe(open)
  })

  it('ends what still runs', async () => {
    const { session } = await login(sshd, 'ana')
    const running = session.exchange([{ as: {}, parts: [{ kind: 'command', command: script('echo $$ >/home/ana/pid; exec sleep 300') }] }])
    await vi.waitFor(async () => expect(await sshd.run('cat /home/ana/pid')).toMatch(/^\d+\n$/), 20_000)
    await session.close('aborted')
    expect((await running)[0]?.[0]).toMatchObject({ state: 'ended', why: 'aborted' })
    expect(await sshd.run('kill -s 0 "$(cat /home/ana/pid)" 2>/dev/null || echo gone')).toBe('gone\n')
  })
})
