import { defineOperation, sh, touch } from '@chaos/core'
import type { Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { stat } from '../facts/stat.ts'
import { present } from '../files/members.ts'
import { account } from './name.ts'

const schema = z.strictObject({ user: account.describe('Whose units.'), present })
type Args = z.output<typeof schema>

const FOLDER = '/var/lib/systemd/linger'

/** A user's units run from the boot on, and go on after the logout. */
export const linger = defineOperation({
  name: 'systemd.linger',
  about: 'Ensures that the units of a user run without the user being logged in, or not.',
  args: schema,
  example: { user: 'ana' },
  diff,
  touches: ({ user: whose }) => [touch.path(`${FOLDER}/${whose}`)],
  title: ({ user: whose }) => whose,
})

async function diff({ user: whose, present: wanted }: Args, host: Host): Promise<Diff> {
  const have = await host.fact(stat(`${FOLDER}/${whose}`))
  if ((have !== null) === wanted) return []
  const file = `${FOLDER}/${whose}`
  const run = wanted
    ? sh`if [ -d /run/systemd/system ]; then loginctl enable-linger ${whose} && systemctl start "user@$(id -u -- ${whose}).service"; else umask 022; mkdir -p ${FOLDER} && : > ${file}; fi`
    : sh`if [ -d /run/systemd/system ]; then loginctl disable-linger ${whose}; else rm -f -- ${file}; fi`
  return [{ summary: wanted ? 'units run without a login' : 'units end with the last login', do: [{ run }] }]
}
