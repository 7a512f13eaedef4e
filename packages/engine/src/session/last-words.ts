import { setTimeout as sleep } from 'node:timers/promises'
import type { Process } from '@chaos/core'

/** Milliseconds for output that was under way to come after the news of a process's end, which a connection may tell first. */
const LATE = 4_000

/** What `end` gives, once the process's output has ended too, or is not waited for any longer. */
export async function afterLastWords<T>({ stdout, stderr }: Process, end: Promise<T>): Promise<T> {
  const closed = Promise.all([stdout, stderr].map((stream) => new Promise((resolve) => stream.once('close', resolve).once('end', resolve))))
  const ended = await end
  await Promise.race([closed, sleep(LATE, undefined, { ref: false })])
  return ended
}
