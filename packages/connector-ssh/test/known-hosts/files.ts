import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of known_hosts files for the tests of one file. */
export interface Folder {
  readonly path: string
  /** Writes a file and gives its path. */
  write(name: string, text: string): string
  close(): void
}

export function makeFolder(): Folder {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-known-hosts-'))
  return {
    path: folder,
    write(name, text) {
      const file = path.join(folder, name)
      writeFileSync(file, text)
      return file
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Settings of a host as far as its name in known_hosts goes: `[db1]:2222` is db1 on that port. */
export function hostCalled(knownAs: string): { name: string; hostname: string; port: number; knownAs: string } {
  const [, hostname = knownAs, port = '22'] = /^\[(.+)\]:(\d+)$/.exec(knownAs) ?? []
  return { name: 'db1', hostname, port: Number(port), knownAs }
}

export interface TestKey {
  /** `ssh-ed25519 AAAA…` */
  readonly text: string
  readonly blob: Buffer
  /** What `ssh-keygen -l` says of it. */
  readonly fingerprint: string
}

/** A new key, made by ssh-keygen. */
export function makeKey(folder: Folder, name: string, type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519'): TestKey {
  const file = path.join(folder.path, name)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file])
  const [kind = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').trim().split(' ')
  const fingerprint = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1] as string
  return { text: `${kind} ${base64}`, blob: Buffer.from(base64, 'base64'), fingerprint }
}
