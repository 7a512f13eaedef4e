import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { isSecret, revealSecret } from '@chaos/core'
import type { Content, PluginContext } from '@chaos/core'

/** What a plugin is given, for tests without an engine: it really runs programs, and asks nobody. */
export function pluginContext(): PluginContext & { reports: { key: string; value: string; text: string }[] } {
  const cached = new Map<string, Promise<unknown>>()
  const reports: { key: string; value: string; text: string }[] = []
  return {
    reports,
    signal: new AbortController().signal,
    async run([program = '', ...args], { stdin = '', timeout = 60, encoding = 'utf8', cwd, env } = {}) {
      const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, signal: AbortSignal.timeout(timeout * 1000), stdio: 'pipe' })
      child.stdin.on('error', () => {})
      child.stdin.end(plain(stdin))
      const ended = new Promise<number>((resolve, reject) => {
        child.once('error', reject)
        child.once('close', (code) => resolve(code ?? 1))
      })
      const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended])
      return { code, stdout: stdout.toString(encoding), stderr: stderr.toString() }
    },
    cache<T>(key: string, make: () => Promise<T>): Promise<T> {
      const found = cached.get(key) ?? make()
      cached.set(key, found)
      return found as Promise<T>
    },
    report: (entry) => void reports.push(entry),
    prompt: async ({ text: question }) => {
      throw new Error(`A test has nobody to ask: ${question}`)
    },
  }
}

function plain(content: Content): string | Uint8Array {
  return isSecret(content) ? revealSecret(content) : content
}
