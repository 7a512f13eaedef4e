import { ChaosError } from '@chaos/core'
import type { Content, Host } from '@chaos/core'
import type { createHash as CreateHash } from 'node:crypto'

/** What a file shall hold, with its hash: the content at hand, or a file of the controller that is streamed. */
export interface Source {
  readonly content: Content | { local: string }
  readonly sha256: string
  readonly size: number
}

/** Larger files of the controller are streamed, and never held as a whole. */
const AT_HAND = 1024 * 1024

export async function sourceOf(content: Content, host: Host): Promise<Source> {
  const { createHash } = await host.local.hold(() => import('node:crypto'))
  return { content, ...measure(content, createHash) }
}

export async function localSource(path: string, host: Host): Promise<Source> {
  const local = host.local.resolve(path)
  return host.local.hold(async () => {
    const [{ createHash }, { createReadStream }, { stat, readFile }] = await Promise.all([import('node:crypto'), import('node:fs'), import('node:fs/promises')])
    try {
      const { size } = await stat(local)
      if (size <= AT_HAND) {
        const content = new Uint8Array(await readFile(local))
        return { content, ...measure(content, createHash) }
      }
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(local)) hash.update(chunk as Uint8Array)
      return { content: { local }, sha256: hash.digest('hex'), size }
    } catch (cause) {
      throw localError(local, cause)
    }
  })
}

/** The SHA-256 of a file of the controller; `null` = not there. */
export function localHash(local: string, host: Host): Promise<string | null> {
  return host.local.hold(async () => {
    const [{ createHash }, { createReadStream }] = await Promise.all([import('node:crypto'), import('node:fs')])
    const hash = createHash('sha256')
    try {
      for await (const chunk of createReadStream(local)) hash.update(chunk as Uint8Array)
      return hash.digest('hex')
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ENOENT') return null
      throw localError(local, cause)
    }
  })
}

export function localError(path: string, cause: unknown): ChaosError {
  const code = (cause as { code?: unknown }).code
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : code === 'EACCES' ? 'it may not be read' : typeof code === 'string' ? code : 'it cannot be read'
  return new ChaosError('LOCAL_FILE', {
    message: `Cannot read ${path} on this machine: ${why}.`,
    hint: 'Relative paths start at the folder of the Ch-obolo.',
    details: { path },
    cause,
  })
}

function measure(content: Content, createHash: typeof CreateHash): { sha256: string; size: number } {
  const hash = (value: string | Uint8Array) => ({ sha256: createHash('sha256').update(value).digest('hex'), size: Buffer.byteLength(value) })
  if (typeof content === 'string' || content instanceof Uint8Array) return hash(content)
  let measured = { sha256: '', size: 0 }
  content.map((text) => {
    measured = hash(text)
    return text
  })
  return measured
}
