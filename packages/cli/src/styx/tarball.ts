import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { ChaosError } from '@chaos/core'
import { unpackTar } from 'modern-tar'

const MOST = 200 * 1024 * 1024

export interface TarballFile {
  /** Path inside the package. */
  readonly path: string
  readonly sha256: string
}

export interface Tarball {
  readonly manifest: Readonly<Record<string, unknown>>
  readonly files: readonly TarballFile[]
}

/** What an npm tarball holds, without unpacking it: regular files below one folder, and a package.json. Links, devices and paths that lead out are refused. */
export async function readTarball(bytes: Uint8Array, what: string): Promise<Tarball> {
  const bad = (why: string, cause?: unknown): ChaosError => new ChaosError('STYX_TARBALL', { message: `${what} is no package of npm: ${why}.`, hint: 'Nothing was changed.', ...(cause === undefined ? {} : { cause }) })
  let entries
  try {
    entries = await unpackTar(gunzipSync(bytes, { maxOutputLength: MOST }))
  } catch (cause) {
    throw bad((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? `it unpacks to more than ${MOST / 1024 / 1024} MB` : 'it cannot be unpacked', cause)
  }
  const files: TarballFile[] = []
  let manifest: unknown
  for (const { header, data } of entries) {
    if (header.type === 'directory' || header.type === 'pax-header' || header.type === 'pax-global-header') continue
    const parts = header.name.split('/')
    if (header.name.startsWith('/') || parts.length < 2 || parts.includes('..') || parts.includes('')) throw bad(`it holds ${JSON.stringify(header.name)}, which leads out of its folder`)
    if (header.type !== 'file') throw bad(`it holds ${JSON.stringify(header.name)}, which is no file`)
    const path = parts.slice(1).join('/')
    const content = data ?? new Uint8Array()
    files.push({ path, sha256: createHash('sha256').update(content).digest('hex') })
    if (path === 'package.json') manifest = parsed(content)
  }
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) throw bad('it has no package.json that can be read')
  return { manifest: manifest as Record<string, unknown>, files }
}

function parsed(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content))
  } catch {
    return undefined
  }
}
