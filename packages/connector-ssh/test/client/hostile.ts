import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { ServerConfig } from 'ssh2'
import { onTestFinished } from 'vitest'

export interface Hostile {
  readonly port: number
  /** Everything of the user that reached it: `ana none`, `ana publickey ssh-ed25519`, `ana password open sesame`. */
  readonly seen: string[]
  /** Connections that began, and that are over. */
  readonly connections: { begun: number; ended: number }
  readonly publicKey: Buffer
}

/** A key as a server has it. Not by ssh2, which makes one of a hundred too short. */
export function newKey(): { text: string; blob: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-ssh-key-'))
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
    const [, blob = ''] = readFileSync(join(folder, 'key.pub'), 'utf8').split(' ')
    return { text: readFileSync(join(folder, 'key'), 'utf8'), blob: Buffer.from(blob, 'base64') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** An SSH server that wants to know everything of whoever comes, and lets nobody in. */
export async function hostileServer(config: Partial<ServerConfig> = {}, onUser: () => void = () => {}): Promise<Hostile> {
  const own = newKey()
  const seen: string[] = []
  const connections = { begun: 0, ended: 0 }
  const server = new ssh2.Server({ hostKeys: [own.text], ...config }, (client) => {
    connections.begun++
    client.on('error', () => {})
    client.on('close', () => connections.ended++)
    client.on('authentication', (context) => {
      onUser()
      const more = context.method === 'password' ? ` ${context.password}` : context.method === 'publickey' ? ` ${context.key.algo}` : ''
      seen.push(`${context.username} ${context.method}${more}`)
      context.reject(['password', 'publickey', 'keyboard-interactive'])
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server as unknown as import('node:events').EventEmitter, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return { port: (server.address() as AddressInfo).port, seen, connections, publicKey: own.blob }
}
