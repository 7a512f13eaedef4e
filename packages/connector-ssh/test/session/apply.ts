import type { Elevation } from '@chaos/core'
import { secret } from '@chaos/core'
import { applyWith } from '@chaos/testkit'
import type { Applied, Sshd } from '@chaos/testkit'
import local from '../../../connector-local/src/index.ts'
import roleFiles from '../../../role-files/src/index.ts'
import connector from '../../src/index.ts'

export interface Over {
  readonly user: string
  readonly files: readonly Readonly<Record<string, unknown>>[]
  /** Of the host: `sudo`, `ssh_file_transfer_protocol` … */
  readonly data?: Readonly<Record<string, unknown>>
  readonly directory?: string
  readonly password?: (as: Elevation) => string | undefined
}

/** A whole run of the role files on a machine, over the connector as it is installed, and how often a password was asked for. */
export async function applyOver(sshd: Sshd, { user, files, data = {}, directory, password }: Over): Promise<Applied & { readonly asked: number }> {
  let asked = 0
  const ssh = {
    ssh_hostname: sshd.host,
    ssh_port: sshd.port,
    ssh_user: user,
    ssh_key: sshd.key,
    ssh_known_hosts_file: sshd.knownHosts,
    ssh_config_file: '/dev/null',
  }
  const applied = await applyWith({
    roles: { files: roleFiles },
    desired: { files },
    hosts: [{ name: '@ssh/web', data: { ...ssh, ...data } }],
    load: async (_, name) => ({ ssh: connector, local })[name],
    password: async ({ elevation }) => {
      asked += 1
      const text = password?.(elevation)
      return text === undefined ? undefined : secret(text)
    },
    ...(directory === undefined ? {} : { directory }),
  })
  return { ...applied, asked }
}
