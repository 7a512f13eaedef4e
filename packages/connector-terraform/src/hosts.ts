import { isIP } from 'node:net'
import { ChaosError, secret } from '@chaos/core'
import type { HostReference } from '@chaos/core'
import { isMap, listed } from './outputs.ts'

/** What stands at a path of the outputs. */
export interface Selected {
  /** `servers.web` */
  readonly path: string
  readonly value: unknown
  readonly sensitive: boolean
}

/** As SSH takes them. Anything else could be more than a name: `@local` would be this machine. */
const HOST = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]{0,254}$/u
const TAKEN = 'Taken are a list of names or addresses, a list of maps with name, ssh_hostname and other data, or a map of these by name.'
/** Passwords stay secret; what else SSH is told are no texts that it could hide. */
const HIDDEN = new Set(['ssh_password', 'ssh_key_password'])

/** The hosts that an output names. Throws `TERRAFORM_SHAPE` when it names none. */
export function hostsOf(selected: Selected): HostReference[] {
  const { value, path } = selected
  if (typeof value === 'string' || isOneHost(value)) return [hostOf(value, path, selected)]
  if (Array.isArray(value)) return value.map((each, index) => hostOf(each, `${path}[${index}]`, selected))
  if (!isMap(value)) throw shape(path, `The output ${path} is ${described(value)}, not hosts.`)
  const lists = Object.keys(value).filter((key) => Array.isArray(value[key]))
  return Object.entries(value).map(([name, each]) => {
    if (typeof each === 'string') return hostOf({ name, ssh_hostname: each }, `${path}.${name}`, selected)
    if (isMap(each)) return hostOf({ ...each, name: each['name'] || name }, `${path}.${name}`, selected)
    throw shape(path, `The output ${path} is a map whose "${name}" is ${described(each)}, not a host.`, lists.length > 0 ? `It holds lists: ${listed(lists.map((key) => `@terraform/${path}.${key}`))}.` : TAKEN)
  })
}

/** A map of hosts has no key of SSH's. */
function isOneHost(value: unknown): boolean {
  return isMap(value) && Object.keys(value).some((key) => key.startsWith('ssh_'))
}

function hostOf(value: unknown, at: string, { path, sensitive }: Selected): HostReference {
  if (typeof value === 'string') return { name: nameOf(value, `The output ${at}`, path, sensitive), groups: ['@terraform'] }
  if (!isMap(value)) throw shape(path, `The output ${at} is ${described(value)}, not a host.`)
  const { name, ...rest } = value
  // Terraform writes an attribute that is not set as null.
  const given = Object.entries(rest).filter(([, each]) => each !== null)
  const address = given.find(([key]) => key === 'ssh_hostname')?.[1]
  if (address === '') throw shape(path, `The ssh_hostname of the output ${at} is empty.`, 'Has the machine an address yet? If it is down, leave it out of the output.')
  if (address !== undefined) nameOf(address, `The ssh_hostname of the output ${at}`, path, sensitive)
  if (given.some(([key]) => key === 'ssh_config_file')) {
    throw shape(path, `The output ${at} names an ssh_config_file, which could hold commands.`, 'Write ssh_config_file in the fleet, at the host or a group of it.')
  }
  const own = name === null || name === '' ? address : (name ?? address)
  if (own === undefined) throw shape(path, `The output ${at} has neither name nor ssh_hostname.`)
  return {
    name: nameOf(own, `The name of the output ${at}`, path, sensitive),
    data: Object.fromEntries(given.map(([key, each]) => [key, sensitive && (!key.startsWith('ssh_') || HIDDEN.has(key)) ? hidden(each) : each])),
    groups: ['@terraform'],
  }
}

function nameOf(value: unknown, what: string, path: string, sensitive: boolean): string {
  if (typeof value !== 'string') throw shape(path, `${what} is ${described(value)}, not the name or address of a host.`)
  if (isIP(value) > 0 || HOST.test(value)) return value
  const shown = sensitive ? 'something else' : JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  const hint = /^[^:]+:\d+$/.test(value) ? 'A port is data: { name = …, ssh_hostname = …, ssh_port = … }.' : 'Names are letters, digits and . _ - (the first a letter or digit), addresses those of IPv4 and IPv6.'
  throw shape(path, `${what} is ${shown}, not the name or address of a host.`, hint)
}

/** The same value, every text in it a Secret. */
function hidden(value: unknown): unknown {
  if (typeof value === 'string') return secret(value)
  if (Array.isArray(value)) return value.map(hidden)
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, hidden(each)]))
  return value
}

function described(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (isMap(value)) return 'a map'
  if (typeof value === 'boolean') return 'true or false'
  return typeof value === 'number' ? 'a number' : 'a text'
}

function shape(path: string, message: string, hint: string = TAKEN): ChaosError {
  return new ChaosError('TERRAFORM_SHAPE', { message, hint, host: `@terraform/${path}`, details: { path } })
}
