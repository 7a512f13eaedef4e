import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyWith, noSshd, startSshd } from '@chaos/testkit'
import type { Applied, Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import local from '../../connector-local/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import vagrant from '../src/index.ts'
import { record, sshConfig } from './recorded.ts'
import type { Recorded } from './recorded.ts'

const reason = noSshd()
let sshd: Sshd
let project: Recorded

const apply = (): Promise<Applied> =>
  applyWith({
    hosts: [{ name: '@vagrant', data: { vagrant_directory: project.root, ssh_config_file: '/dev/null' } }],
    roles: { files: roleFiles },
    desired: { files: [{ path: '/home/ana/it', content: 'by vagrant\n' }] },
    load: async (_, name) => ({ vagrant, ssh, local })[name],
  })

describe.skipIf(reason !== undefined)(`apply on machines of Vagrant${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {} } })
    project = record()
    project.status('1,web,provider-name,docker\n1,web,state,running\n')
    project.ssh('web', sshConfig('web', { host: sshd.host, port: sshd.port, user: 'ana', key: sshd.key }))
    vi.stubEnv('PATH', `${project.PATH}:${process.env['PATH']}`)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await sshd?.close()
    project?.remove()
  })

  it('changes them over SSH, and keeps the host key beside what Vagrant keeps of the machine', async () => {
    const known = join(project.root, '.vagrant/machines/web/docker/chaos_known_hosts')
    expect(existsSync(known)).toBe(false)
    const first = await apply()
    expect(first.errors).toEqual([])
    expect(first.hosts).toMatchObject([{ host: 'web', state: 'changed' }])
    expect(await sshd.run('cat /home/ana/it')).toBe('by vagrant\n')
    expect(readFileSync(known, 'utf8')).toBe(`[${sshd.host}]:${sshd.port} ${sshd.hostKey().split(' ').slice(0, 2).join(' ')}\n`)
    expect((await apply()).hosts).toMatchObject([{ host: 'web', state: 'ok' }])
  })

  it('refuses a machine whose host key is another one than before', async () => {
    await sshd.changeHostKeys()
    expect((await apply()).errors).toMatchObject([{ code: expect.stringMatching(/^HOST_KEY/) }])
  })
})
