import { validateNow } from '@chaos/core'
import { explainSuite } from '@chaos/testkit'
import { describe, expect, it, test } from 'vitest'
import explain from '../src/explain.ts'
import { keys } from '../src/keys.ts'

explainSuite({ name: 'services', explain, describe, it })

const read = (services: unknown) => validateNow(keys.services, services)

test('a list of names and maps, or a map with exclusive', () => {
  expect(read(['nginx', { name: 'bluetooth', running: true, on_boot: true, dense_service: false }])).toEqual({
    value: { list: [{ name: 'nginx' }, { name: 'bluetooth', running: true, on_boot: true, dense_service: false }], exclusive: false },
  })
  expect(read({ list: ['nginx'], exclusive: true })).toEqual({ value: { list: [{ name: 'nginx' }], exclusive: true } })
})

test.each([
  [[{ name: 'a', state: 'absent', running: true }], 'running makes no sense for what is to be absent'],
  [[{ name: 'a', dense_service: true, unit: '' }], 'unit makes no sense with dense_service'],
  [[{ name: 'a', masked: true, on_boot: true }], 'on_boot makes no sense for what is masked'],
  [[{ name: 'a', running: false, restart_on: ['/a'] }], 'restart_on makes no sense for what is not to run'],
  [[{ name: 'a*', dense_service: true }], 'with dense_service the name is the beginning of names of units'],
  [[{ name: 'getty@' }], '"getty@" is a template'],
  [['a', { name: 'a.service' }], 'a.service is listed twice'],
  [[{ name: 'a', restart_on: ['etc/a'] }], 'a path on the host is absolute'],
  [[{ name: 'a', runing: true }], 'runing'],
  [7, 'services are a list'],
  [null, 'services are a list'],
])('%j: %s', (services, message) => {
  const { issues = [] } = read(services) as { issues?: readonly { message: string }[] }
  expect(issues.map((issue) => issue.message).join('; ')).toContain(message)
})
