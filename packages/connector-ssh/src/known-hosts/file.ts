import { readFile, stat } from 'node:fs/promises'
import type { PluginContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { parseLines } from './parse.ts'
import type { Line } from './parse.ts'

/** Bytes; a hundred thousand hosts are about 20 MB. */
const LARGEST = 64 * 1024 * 1024

/** A known_hosts file as this run knows it. */
export interface KnownHostsFile {
  readonly path: string
  lines: readonly Line[]
  /** Work on the file, one after the other. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** Read once per run; one that is not there is empty. One that cannot be read is an error: what it says of a host is not known. */
export function knownHostsFile(path: string, context: Pick<PluginContext, 'cache'>): Promise<KnownHostsFile> {
  return context.cache(`known_hosts ${path}`, async () => {
    let last: Promise<unknown> = Promise.resolve()
    return {
      path,
      lines: await readLines(path),
      alone<T>(work: () => Promise<T>) {
        const done = last.then(work)
        last = done.catch(() => {})
        return done
      },
    }
  })
}

/** Reads it anew. What the run has known stays known: a host cannot become another one in the middle of it. */
export async function refresh(file: KnownHostsFile): Promise<void> {
  const fresh = await readLines(file.path)
  const texts = new Set(fresh.map(({ text }) => text))
  file.lines = [...fresh, ...file.lines.filter(({ text }) => !texts.has(text))]
}

async function readLines(path: string): Promise<Line[]> {
  if (path === '/dev/null') return []
  try {
    const found = await stat(path)
    // A FIFO would wait for its other end for ever.
    if (!found.isFile()) throw new Error('it is no file')
    if (found.size > LARGEST) throw new Error(`it is larger than ${LARGEST / 1024 / 1024} MB`)
    return parseLines(path, await readFile(path, 'utf8'))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    throw new ChaosError('KNOWN_HOSTS_UNREADABLE', {
      message: `The known hosts in ${path} cannot be read: ${code ?? message}. Without them no host key can be checked.`,
      hint: 'Mend the file or its permissions, or name another one: ssh_known_hosts_file.',
      details: { retry: false },
      cause,
    })
  }
}
