import { text } from 'node:stream/consumers'
import { ChaosError, defineConnector, script, sh, word } from '@chaos/core'
import { z } from 'zod'

const data = z.strictObject({
  unshare_network: z.boolean().optional().describe('false: what runs inside has no network. Default true: that of the machine.'),
})

// In mounts of its own, which are gone with it.
const ENTER = script('mount --rbind /dev "$1/dev" && exec chroot "$1" /bin/sh -c "$2"')

export default defineConnector({
  about: 'A folder with a system in it, entered without being root.',
  data,
  async open({ host, argument, data: { unshare_network: network = true } }, { base }) {
    const path = `/${argument.replace(/^\/+/, '')}`
    const enter = (command) => sh`exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
      unshare --map-root-user --mount ${network ? [] : '--net'} /bin/sh -c ${word(ENTER)} sh ${path} ${word(command)}`
    const tried = await base.spawn(enter(sh`:`))
    tried.stdin.end()
    const [{ code }, stderr] = await Promise.all([tried.exit, text(tried.stderr)])
    if (code !== 0) {
      throw new ChaosError('UNSHARE_FAILED', {
        message: `${path} cannot be entered: ${stderr.trim()}`,
        hint: 'It must hold a /bin/sh and a folder /dev, and the kernel must let users make namespaces.',
        host,
        details: { retry: false },
      })
    }

    const ending = new AbortController()
    const running = new Set()
    return {
      async spawn(command, options = {}) {
        const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])])
        const process = await base.spawn(enter(command), { ...options, signal })
        const end = process.exit.catch(() => {}).then(() => running.delete(end))
        running.add(end)
        return process
      },
      async close() {
        ending.abort()
        await Promise.all(running)
      },
    }
  },
})
