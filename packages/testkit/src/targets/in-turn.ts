import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PATH, find } from './missing.ts'

/** Calls when nobody else, of any process, is in a call with this file. Needs flock. */
export async function inTurn<T>(file: string, call: () => Promise<T>): Promise<T> {
  // The end of its input is the end of the turn, also by the end of this process.
  const lock = spawn(find('flock') as string, [file, 'sh', '-c', 'echo; cat'], { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH } })
  const ended = once(lock, 'close')
  await Promise.race([once(lock.stdout, 'data'), ended.then(() => Promise.reject(new Error(`${file} cannot be locked`)))])
  try {
    return await call()
  } finally {
    lock.stdin.end()
    await ended
  }
}
