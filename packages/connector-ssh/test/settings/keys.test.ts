import { inspect } from 'node:util'
import { isSecret, revealSecret, secret } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { keys } from '../../src/settings/keys.ts'

function problem(data: Record<string, unknown>): string | undefined {
  return keys.safeParse(data).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
}

describe("a host's data", () => {
  it.each(['ssh_password', 'ssh_key_password'] as const)('make a Secret of %s at once, and take one that is', (key) => {
    const made = keys.parse({ [key]: 'sesame' })
    const taken = keys.parse({ [key]: secret('sesame') })
    for (const value of [made[key], taken[key]]) {
      expect(isSecret(value)).toBe(true)
      expect(revealSecret(value!)).toBe('sesame')
      expect(inspect(value)).toBe('***')
    }
  })

  it('never show a refused password', () => {
    expect(inspect(keys.safeParse({ ssh_password: ['sesame'] }).error)).not.toContain('sesame')
    expect(problem({ ssh_password: ['sesame'] })).toBe('ssh_password: must be a text or a secret')
  })

  it.each(['no', 'off', false, 'ask'])('refuse ssh_strict_host_key_checking: %j, and say what there is instead', (value) => {
    expect(problem({ ssh_strict_host_key_checking: value })).toMatch(/accept-new.*chaos trust/)
  })

  it('take true, yes and accept-new as strictness', () => {
    const values = [true, 'yes', 'accept-new'].map((value) => keys.parse({ ssh_strict_host_key_checking: value }).ssh_strict_host_key_checking)
    expect(values).toEqual(['yes', 'yes', 'accept-new'])
  })

  it('refuse the options of paramiko with a sentence, and scp with what takes its place', () => {
    expect(problem({ ssh_paramiko_connect_kwargs: {} })).toContain('there is no paramiko here')
    expect(problem({ ssh_file_transfer_protocol: 'scp' })).toContain('shell')
  })

  it('take a port as a number or as digits', () => {
    expect(keys.parse({ ssh_port: '2222' }).ssh_port).toBe(2222)
    expect(keys.parse({ ssh_port: 2222 }).ssh_port).toBe(2222)
    for (const port of [0, 65536, 1.5, '0', '99999', 'ssh']) expect(problem({ ssh_port: port })).toBe('ssh_port: must be a port, 1 to 65535')
  })

  it('refuse hosts and users that are none', () => {
    expect(problem({ ssh_hostname: '-oProxyCommand=id' })).toContain('A host is')
    expect(problem({ ssh_user: 'root;id' })).toContain('A user is')
  })

  it('refuse a longest delay that is shorter than the shortest', () => {
    expect(problem({ ssh_connect_retry_min_delay: 2, ssh_connect_retry_max_delay: 1 })).toContain('must not be less')
  })

  it.each(['draft-07', 'draft-2020-12'])('are described as JSON Schema %s, every key in a sentence', (version) => {
    const options = { target: version, libraryOptions: { unrepresentable: 'any' } } as const
    const { properties } = keys['~standard'].jsonSchema.input(options) as { properties: Record<string, { description?: string }> }
    expect(Object.keys(properties).toSorted()).toEqual([
      'ssh_allow_agent', 'ssh_config_file', 'ssh_connect_retries', 'ssh_connect_retry_max_delay', 'ssh_connect_retry_min_delay', 'ssh_connect_timeout',
      'ssh_file_transfer_protocol', 'ssh_forward_agent', 'ssh_hostname', 'ssh_keepalive', 'ssh_key', 'ssh_key_password', 'ssh_known_hosts_file',
      'ssh_look_for_keys', 'ssh_paramiko_connect_kwargs', 'ssh_password', 'ssh_port', 'ssh_strict_host_key_checking', 'ssh_transport', 'ssh_user',
    ])
    for (const [key, { description }] of Object.entries(properties)) expect(description, key).toMatch(/\.$/)
    expect(JSON.stringify(properties['ssh_password'])).toContain('chaos-secret')
  })
})
