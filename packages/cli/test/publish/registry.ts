import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { freePort } from '../../../testkit/src/targets/free-port.ts'

const VERDACCIO = createRequire(import.meta.url).resolve('verdaccio/bin/verdaccio')

/** It knows what was published to it and nothing else; like the real one it takes nothing without a token, and no version twice. */
const CONFIG = {
  storage: './storage',
  auth: { htpasswd: { file: './htpasswd' } },
  packages: { '**': { access: '$all', publish: '$authenticated' } },
  web: { enable: false },
  log: { type: 'stdout', format: 'json', level: 'fatal' },
}

/** A package.json, as the registry has it. */
export interface Published {
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly exports?: unknown
  readonly dist: { readonly integrity: string }
}

export interface NpmRegistry {
  readonly url: string
  /** Lines of an .npmrc that make it the registry of these scopes, with leave to publish. */
  npmrc(...scopes: string[]): string
  /** `NAME@VERSION` of everything that was published, sorted. */
  published(): Promise<string[]>
  /** The manifest of a version that was published. */
  manifest(name: string, version: string): Promise<Published>
  close(): Promise<void>
}

/** A Verdaccio of its own, with a user of its own; `folder` is for what it keeps. */
export async function startRegistry(folder: string): Promise<NpmRegistry> {
  mkdirSync(folder)
  const config = path.join(folder, 'config.yaml')
  writeFileSync(config, JSON.stringify(CONFIG))
  const url = `http://127.0.0.1:${await freePort()}`
  const child = fork(VERDACCIO, ['--config', config, '--listen', url], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const died = once(child, 'exit')
  // It tells who started it when it listens.
  await Promise.race([once(child, 'message'), died.then(() => Promise.reject(new Error(`verdaccio did not start:\n${said}`)))])

  const user = { name: 'ana', password: 'a word for the test' }
  const made = await fetch(`${url}/-/user/org.couchdb.user:${user.name}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(user) })
  const { token } = (await made.json()) as { token: string }
  const versions = async (name: string): Promise<Readonly<Record<string, Published>>> => {
    const packument = await fetch(`${url}/${name.replace('/', '%2f')}`)
    return ((await packument.json()) as { versions: Record<string, Published> }).versions
  }
  return {
    url,
    npmrc: (...scopes) => [...scopes.map((scope) => `${scope}:registry=${url}/`), `${url.slice('http:'.length)}/:_authToken=${token}`, ''].join('\n'),
    async published() {
      const { list } = JSON.parse(readFileSync(path.join(folder, 'storage/.verdaccio-db.json'), 'utf8')) as { list: string[] }
      const each = await Promise.all(list.map(async (name) => Object.keys(await versions(name)).map((version) => `${name}@${version}`)))
      return each.flat().toSorted()
    },
    async manifest(name, version) {
      const found = (await versions(name))[version]
      if (found === undefined) throw new Error(`${name} ${version} was not published.`)
      return found
    },
    async close() {
      child.kill()
      await died
    },
  }
}
