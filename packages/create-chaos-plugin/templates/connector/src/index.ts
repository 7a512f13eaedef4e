import { text } from 'node:stream/consumers'
import { ChaosError, defineConnector, sh, word } from '@chaos/core'
import type { Command } from '@chaos/core'
import * as z from '@chaos/operations/zod'

const data = z.strictObject({
  plugin_key_nice: z.int().min(0).max(19).optional().describe('How far others go first. Default 0.'),
})

/** A connector only opens a shell. sudo, files, facts, quoting, timeouts and batching are the engine's. */
export default defineConnector({
  about: 'A shell that starts in a folder of the machine it stands on.',
  data,
  async open({ host, argument, data: { plugin_key_nice: nice = 0 } }, { base }) {
    const folder = `/${argument.replace(/^\/+/, '')}`
    // Here the way in: `docker exec`, `chroot`, `nsenter`… It runs on the connection underneath, which may be any other.
    const enter = (command: Command) => sh`cd ${folder} && exec nice -n ${nice} /bin/sh -c ${word(command)}`

    const tried = await base.spawn(enter(sh`:`))
    tried.stdin.end()
    const [{ code }, stderr] = await Promise.all([tried.exit, text(tried.stderr)])
    if (code !== 0) {
      throw new ChaosError('FOLDER_NOT_ENTERED', {
        message: `${folder} cannot be entered: ${stderr.trim()}`,
        hint: 'It must be a folder of the machine it stands on.',
        host,
        details: { retry: false },
      })
    }

    const ending = new AbortController()
    const running = new Set<Promise<unknown>>()
    return {
      async spawn(command, options = {}) {
        const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])])
        const process = await base.spawn(enter(command), { ...options, signal })
        const end: Promise<unknown> = process.exit.catch(() => undefined).then(() => running.delete(end))
        running.add(end)
        return process
      },
      // Ends what it started; the connection underneath is not its own.
      async close() {
        ending.abort()
        await Promise.all(running)
      },
    }
  },
})
