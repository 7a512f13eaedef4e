import { defineOperation, lines, sh, touch } from '@chaos/core'
import { z } from 'zod'
import { user } from './name.ts'
import { scope } from './scope.ts'

const schema = z.strictObject({ user })

/** Reads all unit files anew. `systemd.service` and `systemd.unit` see for themselves when that is needed. */
export const daemonReload = defineOperation({
  name: 'systemd.daemonReload',
  about: 'Makes systemd read its unit files anew, at each run: meant for `ifChanged`.',
  args: schema,
  example: {},
  action: true,
  title: ({ user: whose }) => whose ?? '',
  diff: ({ user: whose }) => [{ summary: 'daemon-reload', do: [{ run: lines(scope(whose), sh`sc daemon-reload`) }] }],
  touches: () => [touch.named('unit')],
})
