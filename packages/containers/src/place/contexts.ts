import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import type { EnginePlace } from './contract.ts'
import { parsePlace, tlsFiles } from './parse.ts'

interface Meta {
  Name?: string
  Endpoints?: { docker?: { Host?: string; SkipTLSVerify?: boolean } }
}

/** The context that `docker context use` chose. */
export async function currentContext(config: string): Promise<string | undefined> {
  const { currentContext: name } = (await readJson(path.join(config, 'config.json'))) as { currentContext?: unknown }
  return typeof name === 'string' ? name : undefined
}

/** The engine of a docker context. */
export async function contextPlace(config: string, name: string): Promise<EnginePlace> {
  const contexts = path.join(config, 'contexts')
  // Docker's own name for its folder.
  const folder = createHash('sha256').update(name).digest('hex')
  const { Endpoints } = (await readJson(path.join(contexts, 'meta', folder, 'meta.json'))) as Meta
  const { Host, SkipTLSVerify = false } = Endpoints?.docker ?? {}
  if (!Host) {
    const known = await contextNames(contexts)
    throw new ChaosError('DOCKER_CONTEXT', {
      message: `There is no docker context called ${name}${known.length === 0 ? ', nor any other.' : `; there are ${known.join(', ')}.`}`,
      hint: 'docker context use default goes back to the engine of this machine; DOCKER_CONTEXT is another way to choose one.',
      details: { context: name, known, retry: false },
    })
  }
  const files = path.join(contexts, 'tls', folder, 'docker')
  const secured = (await readdir(files).catch(() => [])).length > 0 || SkipTLSVerify
  return parsePlace(Host, `The docker context ${name}`, secured ? tlsFiles(files, !SkipTLSVerify) : undefined)
}

async function contextNames(contexts: string): Promise<string[]> {
  const meta = path.join(contexts, 'meta')
  const folders = await readdir(meta).catch(() => [])
  const found = await Promise.all(folders.map((folder) => readJson(path.join(meta, folder, 'meta.json')) as Promise<Meta>))
  return found.flatMap(({ Name }) => Name ?? []).toSorted()
}

/** What a file of docker holds; nothing when it is not there. */
async function readJson(file: string): Promise<object> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '{}'
    throw unreadable(file, error)
  })
  try {
    return Object(JSON.parse(text)) as object
  } catch (cause) {
    throw unreadable(file, cause as Error)
  }
}

function unreadable(file: string, cause: Error): ChaosError {
  return new ChaosError('DOCKER_CONTEXT', { message: `Cannot read ${file}: ${cause.message}.`, hint: 'docker context ls reads it too.', details: { retry: false }, cause })
}
