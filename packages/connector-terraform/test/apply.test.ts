import { applyWith, noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import local from '../../connector-local/src/index.ts'
import ssh from '../../connector-ssh/src/index.ts'
import roleFiles from '../../role-files/src/index.ts'
import terraform from '../src/index.ts'
import { makeFolder, noTerraform } from './support.ts'
import type { Folder } from './support.ts'

const reason = noTerraform ?? noSshd()
let sshd: Sshd
let folder: Folder

describe.skipIf(reason !== undefined)(`apply on hosts that terraform names${reason === undefined ? '' : ` (${reason})`}`, () => {
  beforeAll(async () => {
    sshd = await startSshd({ users: { ana: {} } })
    folder = makeFolder()
    const data = { ssh_hostname: sshd.host, ssh_port: sshd.port, ssh_key: sshd.key, ssh_known_hosts_file: sshd.knownHosts }
    folder.apply(`output "hosts" { value = jsondecode(${JSON.stringify(JSON.stringify({ web: data }))}) }`)
  })
  afterAll(async () => {
    await sshd?.close()
    folder?.remove()
  })

  it('changes them over SSH, with the data of the output, of the fleet and of the group @terraform', async () => {
    const apply = (): ReturnType<typeof applyWith> =>
      applyWith({
        hosts: [{ name: '@terraform', data: { terraform_directory: folder.path, ssh_config_file: '/dev/null' }, groups: ['cloud'] }],
        groups: { '@terraform': { data: { ssh_user: 'ana' } } },
        roles: { files: roleFiles },
        desired: { files: [{ path: '/home/ana/it', content: 'from terraform\n' }] },
        load: async (_, name) => ({ terraform, ssh, local })[name],
      })
    const first = await apply()
    expect(first.errors).toEqual([])
    expect(first.hosts).toMatchObject([{ host: 'web', state: 'changed' }])
    expect(await sshd.run('cat /home/ana/it')).toBe('from terraform\n')
    expect((await apply()).hosts).toMatchObject([{ host: 'web', state: 'ok' }])
  })
})
