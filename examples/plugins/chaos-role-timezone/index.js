import { ChaosError, defineRole } from '@chaos/core'
import { facts, files } from '@chaos/operations'
import * as z from '@chaos/operations/zod'

const LINK = '/etc/localtime'
const ZONES = '/usr/share/zoneinfo'

export default defineRole({
  about: 'The time zone of a machine.',
  keys: {
    timezone: z.string().regex(/^[A-Z][\w+-]*(\/[\w+-]+)*$/, 'a zone is written like Europe/Berlin').describe('Name of a time zone.').meta({ examples: ['Europe/Berlin'] }),
  },
  async context({ host, desired: { timezone } }) {
    const [link, zone] = await Promise.all([host.fact(facts.stat(LINK)), host.fact(facts.stat(`${ZONES}/${timezone}`))])
    if (zone === null) throw new ChaosError('TIMEZONE_UNKNOWN', { message: `${host.name} knows no time zone ${timezone}.`, hint: 'Look at its name, or install tzdata.', host: host.name })
    return { have: link?.target, want: `${ZONES}/${timezone}` }
  },
  delta: ({ have, want }) => (have === want ? {} : { change: [want] }),
  *plan({ change }) {
    for (const target of change) yield files.link({ path: LINK, target, force: true }, { root: true })
  },
})
