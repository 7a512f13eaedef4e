import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { defineConnector } from '@chaos/core'
import type { Connector } from '@chaos/core'

/** This machine, without what `@chaos/connector-local` adds: the engine may not import a plugin. */
export function localConnector(log: string[]): Connector {
  return defineConnector({
    async open() {
      log.push('open local')
      return {
        async spawn(command) {
          const child = spawn('/bin/sh', ['-c', command.text], { detached: true })
          const exit = once(child, 'exit').then(([code]) => ({ code: code as number | null }))
          return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exit }
        },
        async close({ outcome }) {
          log.push(`close local ${outcome}`)
        },
      }
    },
  })
}
