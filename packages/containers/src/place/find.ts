import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { EnginePlace } from './contract.ts'
import { contextPlace, currentContext } from './contexts.ts'
import { DEFAULT_SOCKET, parsePlace, tlsFiles } from './parse.ts'

/** Where the engine is that `docker` on this machine uses: DOCKER_HOST, else the docker context, else the usual socket. */
export async function findPlace(env: Readonly<Record<string, string | undefined>> = process.env): Promise<EnginePlace> {
  const config = env['DOCKER_CONFIG'] || path.join(env['HOME'] || homedir(), '.docker')
  const host = env['DOCKER_HOST']
  if (host) {
    // As docker: any text in DOCKER_TLS_VERIFY means yes.
    const tls = env['DOCKER_TLS_VERIFY'] || env['DOCKER_TLS'] ? tlsFiles(env['DOCKER_CERT_PATH'] || config, Boolean(env['DOCKER_TLS_VERIFY'])) : undefined
    return parsePlace(host, 'DOCKER_HOST', tls)
  }
  const context = env['DOCKER_CONTEXT'] || (await currentContext(config))
  if (context && context !== 'default') return contextPlace(config, context)
  // Docker Desktop's, where it may not write the usual one.
  const desktop = path.join(config, 'run/docker.sock')
  return { kind: 'unix', path: !existsSync(DEFAULT_SOCKET) && existsSync(desktop) ? desktop : DEFAULT_SOCKET }
}
