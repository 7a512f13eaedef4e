import type { Process } from '@chaos/core'

/** What was said behind the mark: `root`, `pid`, `failed`, …; `begun` and `end` too. */
export type Answer = ReadonlyMap<string, string>

/** Reads lines `MARK KEY VALUE` until `end`, or the end of the output. Other lines are of somebody's shell. */
export function readAnswer({ stdout }: Pick<Process, 'stdout'>, mark: string): Promise<Answer> {
  const answer = new Map<string, string>()
  let held = Buffer.alloc(0)
  return new Promise((resolve) => {
    const settle = (): void => {
      stdout.off('data', take).off('end', settle).off('close', settle).off('error', settle)
      stdout.resume()
      resolve(answer)
    }
    const take = (chunk: Buffer): void => {
      const lines = Buffer.concat([held, chunk]).toString('latin1').split('\n')
      held = Buffer.from(lines.pop() as string, 'latin1')
      for (const line of lines) {
        if (!line.startsWith(`${mark} `)) continue
        const [, key, value] = /^(\w+) ?(.*)$/.exec(Buffer.from(line.slice(mark.length + 1), 'latin1').toString()) ?? []
        if (key !== undefined) answer.set(key, value as string)
      }
      if (answer.has('end')) settle()
    }
    stdout.on('data', take).once('end', settle).once('close', settle).once('error', settle)
  })
}
