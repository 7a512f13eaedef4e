import { expect, test } from 'vitest'
import { parse, refused, show } from './helpers.ts'

const fleet = async (text: string) => (await parse(text)).fleet()

test('hosts are a list of one-key maps, plain names and null, in their order', async () => {
  const found = await fleet(`admin: root
fleet:
  parallelism: 5
  hosts:
    - '@local': {}
    - web1
    - db.example.net: { ssh_user: "\${admin}", groups: [db], overlay: { a: 1 } }
    - '@docker/web':
  boats:
    - { provider: http, config: { url: "https://\${admin}" } }
  restrictions:
    allow_list: { web1: { users: true } }
    black_list: { '@local': {}, x: { users: true, packages: false } }
  groups:
    db: { hosts: ['db.*'], data: { ssh_port: 22 }, overlay: { a: 2 } }
`)
  expect(found).toEqual({
    parallelism: 5,
    hosts: [
      { name: '@local', data: {}, groups: [], overlay: false, position: { file: 'ch-obolo.yml', line: 5, column: 7 } },
      { name: 'web1', data: {}, groups: [], overlay: false, position: { file: 'ch-obolo.yml', line: 6, column: 7 } },
      { name: 'db.example.net', data: { ssh_user: 'root' }, groups: ['db'], overlay: true, position: { file: 'ch-obolo.yml', line: 7, column: 7 } },
      { name: '@docker/web', data: {}, groups: [], overlay: false, position: { file: 'ch-obolo.yml', line: 8, column: 7 } },
    ],
    boats: [{ provider: 'http', config: { url: 'https://root' } }],
    restrictions: { allow_list: { web1: { users: true } }, black_list: { '@local': {}, x: { users: true, packages: false } } },
    groups: { db: { hosts: ['db.*'], data: { ssh_port: 22 }, overlay: true } },
  })
})

test('hosts may be a map; no fleet is undefined; an empty one has no hosts', async () => {
  expect((await fleet('fleet: { hosts: { a: {}, b: } }'))?.hosts.map((each) => each.name)).toEqual(['a', 'b'])
  expect(await fleet('a: 1')).toBeUndefined()
  expect(await fleet('fleet:\n')).toEqual({ hosts: [], boats: [], restrictions: {}, groups: {} })
})

test.each([
  ['fleet:\n  hosts:\n    - a: {}\n    - b\n    - a: { x: 1 }\n', ['5:7 FLEET_DUPLICATE_HOST The host `a` is here twice; the first is at 3:7. Put the data of both together, or give one another name.']],
  ['fleet:\n  hots: []\n', ['2:3 FLEET_UNKNOWN_KEY The fleet has no key `hots`. Did you mean `hosts`?']],
  ['fleet:\n  hosts:\n    - a:\n      ssh_user: x\n', ['4:7 FLEET_SHAPE A host of the list is a map of one key, its name, and here a second one follows: `ssh_user`. Indent the host\'s data below its name, or begin the next host with "- ".']],
  ['fleet: { hosts: [1] }', ["1:18 FLEET_SHAPE A host is a name or a map of one key, and here it is the number 1. Write - 'db1.example.net': { ssh_user: admin }."]],
  ['fleet: { parallelism: many }', ['1:10 FLEET_SHAPE `fleet.parallelism` is a whole number. Write how many hosts are worked on at once: parallelism: 20 (0 = all).']],
  ['fleet: { boats: [{ config: {} }] }', ['1:18 FLEET_SHAPE A boat names its provider. Write - { provider: NAME, config: { … } }.']],
  ['fleet: { restrictions: { allow_list: { a: { users: yes } } } }', ['1:52 FLEET_SHAPE `fleet.restrictions.allow_list.a.users` is true or false, and here it is a text. Write users: true, or users: false.']],
  ['fleet: { restrictions: { allow_list: { a: [users] } } }', ['1:40 FLEET_SHAPE `fleet.restrictions.allow_list.a` is a map, and here it is a list. Write a: { users: true }.']],
  ['fleet: { groups: { web: { host: [a] } } }', ['1:27 FLEET_UNKNOWN_KEY The group `web` has no key `host`. Did you mean `hosts`?']],
  ['fleet: { hosts: [{ a: { overlay: { fleet: {} } } }] }', ['1:36 FLEET_SHAPE An overlay cannot change the fleet. Put there only keys of roles and variables.']],
  ['fleet: { hosts: [{ a: { x: "${nothing}", groups: web } }] }', [
    '1:29 INTERPOLATION_UNKNOWN `${nothing}` refers to `nothing`, which is not there. Add the key, or write \\${ for a ${ that is meant as text.',
    '1:42 FLEET_SHAPE `fleet.hosts[0].a.groups` is a list, and here it is a text. Write [name, name].',
  ]],
])('%j is refused', async (text, problems) => {
  expect(await refused(fleet(text))).toEqual(problems)
})

const readers = [{ key: 'files', package: '@chaos/role-files' }, { key: 'users', package: '@chaos/role-users' }, { key: 'packages', package: '@chaos/role-packages', installed: false }]

test('a root key that nobody reads is an error near a known key, else a warning', async () => {
  const chobolo = await parse('fils: []\npackages: []\nzebra: 1\nfiles: []\nsecrets: {}\nfleet: { hosts: [{ a: { overlay: { usres: [] } } }] }\n')
  const found = chobolo.unused(readers)
  expect(found.map((each) => `${each.severity} ${show(each)}`)).toEqual([
    'error 1:1 KEY_UNKNOWN No role reads `fils`. Did you mean `files`?',
    'warning 2:1 KEY_UNREAD No installed role reads `packages`. Add @chaos/role-packages.',
    'warning 3:1 KEY_UNREAD No installed role reads `zebra`. Remove it, or refer to it with ${zebra}.',
    'error 6:36 KEY_UNKNOWN No role reads `usres`. Did you mean `users`?',
  ])
})

test('a variable that an interpolation refers to is none of these', async () => {
  const chobolo = await parse('fils: 1\nuser: { x: 1 }\nregion_eu: 1\nsel: 1\nup: 1\nfiles: ["${fils}", "${user.x}", "${region_${host.name}}", "${oc.select:sel,1}", "${..up}", "\\\\${zebra}"]\nzebra: 1\n')
  expect(chobolo.unused(readers).map((each) => each.message)).toEqual(['No installed role reads `zebra`.'])
})
