import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { EnginePlace, TlsFiles } from './contract.ts'

export const DEFAULT_SOCKET = '/var/run/docker.sock'

/** Understands an address as DOCKER_HOST and docker contexts hold it. `source` says where it is from: `DOCKER_HOST`. */
export function parsePlace(text: string, source: string, tls?: TlsFiles): EnginePlace {
  if (text.startsWith('unix://')) return { kind: 'unix', path: text.slice('unix://'.length) || DEFAULT_SOCKET }
  const refuse = (why: string): never => {
    throw new ChaosError('DOCKER_HOST', {
      message: `${source} is no address of an engine: ${why}.`,
      hint: 'Write unix:///var/run/docker.sock, tcp://HOST:PORT or ssh://USER@HOST.',
      details: { retry: false },
    })
  }
  const url = URL.canParse(text.includes('://') ? text : `tcp://${text}`) ? new URL(text.includes('://') ? text : `tcp://${text}`) : refuse('it cannot be read')
  if (url.protocol !== 'ssh:' && url.protocol !== 'tcp:') refuse(`${url.protocol}// is not known`)
  if (url.hostname === '') refuse('it names no host')
  // Messages show the rest of it.
  if (url.password !== '') refuse('it holds a password')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (url.protocol === 'ssh:') {
    return {
      kind: 'ssh', host,
      port: url.port === '' ? undefined : Number(url.port),
      user: url.username === '' ? undefined : decodeURIComponent(url.username),
      path: url.pathname === '' || url.pathname === '/' ? undefined : decodeURIComponent(url.pathname),
    }
  }
  return { kind: 'tcp', host, port: Number(url.port) || (tls ? 2376 : 2375), tls }
}

/** The files of a folder, named as docker names them. */
export function tlsFiles(folder: string, verify: boolean): TlsFiles {
  return { ca: path.join(folder, 'ca.pem'), cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem'), verify }
}

/** What a place is to people. */
export function describePlace(place: EnginePlace): string {
  if (place.kind === 'unix') return `the Docker engine at ${place.path}`
  return `the Docker engine at ${place.kind}://${place.host}${place.port === undefined ? '' : `:${place.port}`}`
}
