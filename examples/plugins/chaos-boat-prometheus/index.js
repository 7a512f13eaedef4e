import { ChaosError, defineBoat } from '@chaos/core'
import { z } from 'zod'

const config = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where Prometheus asks for its targets, too (http_sd).'),
  groups: z.array(z.string()).default(['job']).describe('Labels whose values become groups. Default: job.'),
})

const answer = z.array(z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()).default({}) }))

export default defineBoat({
  about: 'The machines that Prometheus watches.',
  config,
  async *hosts({ config: { url, groups }, signal }) {
    // A machine is there once for each of its exporters.
    const machines = new Map()
    for (const { targets, labels } of await targetsOf(url, signal)) {
      const named = groups.flatMap((label) => labels[label] ?? [])
      for (const target of targets) {
        const name = target.replace(/:\d+$/, '')
        machines.set(name, new Set([...(machines.get(name) ?? []), ...named]))
      }
    }
    for (const [name, named] of machines) yield { name, groups: [...named] }
  },
})

async function targetsOf(url, signal) {
  const failed = (why, cause) =>
    new ChaosError('PROMETHEUS_TARGETS', { message: `${url} gave no targets: ${why}.`, hint: 'Open it with curl; it must answer as http_sd of Prometheus does.', cause })
  const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) }).catch((cause) => {
    throw failed('it cannot be reached', cause)
  })
  if (!response.ok) throw failed(`it answered ${response.status}`)
  const { data, error } = answer.safeParse(await response.json().catch(() => undefined))
  if (error) throw failed('what it answered is no list of targets', error)
  return data
}
