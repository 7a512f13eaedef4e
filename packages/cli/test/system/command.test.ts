import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import type { HostReference } from '@chaos/core'
import { noDebian } from '@chaos/testkit'
import type { Debian } from '@chaos/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk } from '../command-line.ts'
import type { Desk } from '../command-line.ts'
import { startSystem } from './whole-systems.ts'

const reason = noDebian()
const PACKAGES = path.join(import.meta.dirname, '../../..')
const ROLES = ['role-packages', 'role-services', 'role-users']

const CHOBOLO = `packages:
  list: [cron]
  update: true
users:
  - { name: ana, shell: sh, groups: [crontab], sudo: true }
files:
  - { path: /etc/cron.d/ours, content: "# ours\\n" }
services:
  - { name: cron, restart_on: [/etc/cron.d/ours] }
`

describe.skipIf(reason !== undefined)(`the command, on a machine that has nothing yet${reason === undefined ? '' : ` (${reason})`}`, { timeout: 600_000 }, () => {
  let desk: Desk
  let machine: Debian
  beforeAll(async () => {
    buildIfStale()
    desk = makeDesk()
    machine = await startSystem()
  }, 600_000)
  afterAll(async () => {
    desk.remove()
    await machine?.close()
  })

  test('tells what is known after apply, makes all of it so, and has nothing to do then', async () => {
    const { name, data } = machine.ssh as HostReference
    const modules = path.join(desk.folder, 'node_modules/@chaos')
    mkdirSync(modules, { recursive: true })
    for (const role of ROLES) symlinkSync(path.join(PACKAGES, role), path.join(modules, role))
    desk.write('package.json', JSON.stringify({ dependencies: Object.fromEntries(ROLES.map((role) => [`@chaos/${role}`, '*'])) }))
    desk.write('ch-obolo.yml', `${CHOBOLO}fleet:\n  hosts:\n    - ${JSON.stringify({ [name]: data })}\n`)

    const dry = await desk.chaos(['apply', '--fleet', '--dry', '--detailed-exitcode'])
    expect([dry.code, dry.stdout.match(/known after apply: .*/g)]).toEqual([
      3,
      ['known after apply: the group crontab is not there yet', 'known after apply: unit cron.service is not there yet'],
    ])
    expect(await machine.run('getent passwd ana || echo nobody')).toBe('nobody\n')

    const applied = await desk.chaos(['apply', '--fleet', '--yes'])
    expect([applied.code, applied.stderr]).toEqual([0, expect.not.stringContaining('✖')])
    expect(await machine.run('id --name --groups ana; sudo -l -U ana | tail -n 1; systemctl is-active cron; cat /etc/cron.d/ours')).toBe('ana crontab\n    (ALL : ALL) ALL\nactive\n# ours\n')

    expect((await desk.chaos(['apply', '--fleet', '--dry', '--detailed-exitcode'])).code).toBe(0)
  })
})
