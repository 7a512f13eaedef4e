import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { plainYaml } from '@chaos/chobolo'
import { ChaosError, nearest } from '@chaos/core'
import * as z from '@chaos/operations/zod'
import type { Config } from '../config.ts'
import { download } from './download.ts'
import { HASH } from './integrity.ts'
import { PACKAGE_NAME, TITLE, VERSION } from './names.ts'

const schema = z.strictObject({
  styx: z.record(
    z.string().regex(TITLE, 'a name in the registry is lower-case letters, digits, dots and hyphens'),
    z.strictObject({
      name: z.string().regex(PACKAGE_NAME, 'the name of an npm package').describe('Name of the package.'),
      repo: z.string().optional().describe('Where its source is.'),
      about: z.string().optional().describe('One sentence.'),
      version: z.string().regex(VERSION, 'one exact version: 1.2.3').describe('The version that was reviewed.'),
      hash: z.string().regex(HASH, 'sha512-… in base64, or a SHA-256 in 64 hexadecimal digits').describe('Of the tarball.'),
      from: z.string().default('npm').describe('`npm` (default), `release` of `repo`, or URL or path of the tarball.'),
    }),
  ),
})

/** One reviewed plugin of the registry. */
export interface Entry {
  /** What it is invoked by. */
  readonly title: string
  readonly name: string
  readonly repo?: string | undefined
  readonly about?: string | undefined
  readonly version: string
  readonly hash: string
  readonly from: string
}

export interface Registry {
  /** The URL or the path it was read from. */
  readonly place: string
  readonly entries: readonly Entry[]
}

const MOST = 5 * 1024 * 1024

/** The registry that is meant: `--registry`, else `CHAOS_STYX_REGISTRY`, else `styx_registry` of the config. An http(s) URL or a path. */
export async function readRegistry(given: string | undefined, config: Config, env: NodeJS.ProcessEnv = process.env): Promise<Registry> {
  const place = given ?? env['CHAOS_STYX_REGISTRY'] ?? config.styx_registry
  if (place === undefined || place === '') {
    throw new ChaosError('STYX_NO_REGISTRY', {
      message: 'No registry of plugins is set.',
      hint: 'Name one, a URL or a file: --registry, CHAOS_STYX_REGISTRY, or styx_registry in the config. Without one: npm install PACKAGE in your project.',
    })
  }
  const text = /^https?:/.test(place) ? (await download(place, MOST)).toString('utf8') : await readLocal(pathOf(place))
  const { value, mistake, position } = await plainYaml(text)
  const result = schema.safeParse(value)
  if (!result.success) {
    const [issue] = result.error.issues
    const why = mistake ? mistake.message : `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'invalid'}`
    const at = position([...(issue?.path ?? []), ...(issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])])
    throw new ChaosError('STYX_REGISTRY_INVALID', {
      message: `${place} is no registry: ${why}.`,
      hint: 'Write `styx: { motd: { name: chaos-role-motd, version: 1.0.0, hash: sha512-… } }`.',
      position: { file: place, ...at },
    })
  }
  return { place, entries: Object.entries(result.data.styx).map(([title, entry]) => ({ title, ...entry })) }
}

/** The entry of this title, or of this package. */
export function entryOf({ entries, place }: Registry, word: string): Entry {
  const found = entries.find(({ title }) => title === word) ?? entries.find(({ name }) => name === word)
  if (found) return found
  const [near] = nearest(word, entries.map(({ title }) => title))
  throw new ChaosError('STYX_UNKNOWN', { message: `The registry ${place} has no ${word}.`, hint: near === undefined ? '`chaos styx list` shows what it has.' : `Did you mean ${near}?` })
}

/** Where an entry's tarball is: a URL, a path, or npm. */
export function placeOf({ from, repo, name, version }: Entry, registry: string): { npm: string } | { url: string } | { file: string } {
  if (from === 'npm') return { npm: `${name}@${version}` }
  const tarball = `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`
  if (from === 'release') {
    if (repo === undefined || !repo.startsWith('https://')) throw new ChaosError('STYX_REGISTRY_INVALID', { message: `The entry of ${name} comes from a release, and names no repo by https.` })
    const base = repo.replace(/(\.git)?\/*$/, '')
    return { url: new URL(repo).hostname === 'github.com' ? `${base}/releases/download/${version}/${tarball}` : `${base}/-/releases/${version}/downloads/${tarball}` }
  }
  if (/^https?:/.test(from)) return { url: from }
  // A path is that of the registry's own folder, wherever chaos is called.
  return /^https?:/.test(registry) ? { url: new URL(from, registry).href } : { file: path.resolve(path.dirname(pathOf(registry)), pathOf(from)) }
}

function pathOf(place: string): string {
  return place.startsWith('file:') ? fileURLToPath(place) : path.resolve(place)
}

async function readLocal(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ChaosError('STYX_REGISTRY_UNREACHABLE', { message: `The registry ${file} cannot be read: ${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}.`, cause })
  }
}
