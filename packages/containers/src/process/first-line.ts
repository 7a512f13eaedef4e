import type { Readable } from 'node:stream'

/**
 * Takes the line `MARK PID …` out of the beginning of a stream, and leaves all else in it, also what came before: a shell may complain
 * about its locale first. `pids` is undefined when the stream ends without it; then what it held is in `rest`.
 */
export function takePids(stream: Readable, mark: string): Promise<{ pids: readonly string[] | undefined; rest: string }> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0)
    const settle = (pids: readonly string[] | undefined): void => {
      stream.off('readable', look).off('end', none).off('close', none)
      resolve({ pids, rest: held.toString() })
    }
    const none = (): void => settle(undefined)
    const look = (): void => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
        held = Buffer.concat([held, chunk])
        const at = held.indexOf(`${mark} `)
        const end = at === -1 ? -1 : held.indexOf('\n', at)
        if (end !== -1) {
          const pids = held.toString('latin1', at + mark.length + 1, end).match(/\d+/g) ?? undefined
          const rest = Buffer.concat([held.subarray(0, at), held.subarray(end + 1)])
          if (rest.length > 0) stream.unshift(rest)
          return settle(pids)
        }
      }
    }
    stream.on('readable', look).once('end', none).once('close', none)
    look()
  })
}
