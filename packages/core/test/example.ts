import { defineFact, defineOperation, sh, touch } from '@chaos/core'
import { z } from 'zod'

const timezone = defineFact({
  name: 'time.zone',
  command: () => sh`cat /etc/timezone`,
  parse: (stdout) => stdout.trim(),
  reads: () => [touch.path('/etc/timezone')],
})

/** `yield setTimezone({ name: 'Europe/Lisbon' })` in a role. */
export const setTimezone = defineOperation({
  name: 'time.zone',
  args: z.strictObject({ name: z.string() }),
  async diff({ name }, host) {
    const have = await host.fact(timezone())
    if (have === name) return []
    return [{ summary: `${have} → ${name}`, do: [{ run: sh`timedatectl set-timezone ${name}` }] }]
  },
  touches: () => [touch.path('/etc/timezone'), touch.path('/etc/localtime')],
})
