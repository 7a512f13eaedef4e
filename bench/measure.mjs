// Measures things side by side: in turn, A B A B …, so that a machine that slows down slows both, and by medians.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

export const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]

/** Milliseconds of each of `works` (functions, by name) in `runs` rounds after one that does not count. `settled` comes before each. */
export async function inTurn(works, runs, settled = async () => {}) {
  const times = Object.fromEntries(Object.keys(works).map((name) => [name, []]))
  for (let round = 0; round <= runs; round++) {
    for (const [name, work] of Object.entries(works)) {
      await settled()
      const began = performance.now()
      await work()
      if (round > 0) times[name].push(performance.now() - began)
    }
  }
  return times
}

/** The median of how much longer `one` took than the `other` of its round. */
export function ratio(one, other) {
  return median(one.map((time, round) => time / other[round]))
}

/** Runs a program to its end and gives what it printed; another exit code than 0 is an error. */
export async function program([file, ...args], { env, cwd } = {}) {
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (bytes) => (stdout += bytes))
  child.stderr.on('data', (bytes) => (stderr += bytes))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${file} ${args.slice(0, 3).join(' ')} … ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}
