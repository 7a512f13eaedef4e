import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { ChaosError, defineBoat, defineExplain, defineFact, defineKeys, defineOperation, defineProvider, defineRole, secret, sh, touch } from '@chaos/core'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { aliasesSuite, boatSuite, explainSuite, keysSuite, operationSuite, providerSuite, roleSuite } from '../src/index.ts'

const exists = defineFact({
  name: 'test.exists',
  command: (path: string) => sh`test -d ${path}`,
  exit: [0, 1],
  parse: (_, { code }) => code === 0,
  reads: (path) => [touch.path(path)],
})
const directory = defineOperation({
  name: 'test.directory',
  args: z.strictObject({ path: z.string() }),
  async diff({ path }, host) {
    return (await host.fact(exists(path))) ? [] : [{ summary: `create ${path}`, do: [{ run: sh`mkdir ${path}` }] }]
  },
  touches: ({ path }) => [touch.path(path)],
})
const append = defineOperation({
  name: 'test.append',
  args: z.strictObject({ path: z.string() }),
  action: true,
  diff: ({ path }) => [{ summary: 'append a line', do: [{ run: sh`echo line >> ${path}` }] }],
})
const directories = defineRole({
  keys: { test_dirs: z.array(z.string()) },
  async context({ host, desired }) {
    const there = await Promise.all(desired.test_dirs.map((path) => host.fact(exists(path))))
    return desired.test_dirs.filter((_, index) => !there[index])
  },
  delta: (add) => ({ add }),
  *plan({ add }) {
    for (const path of add) yield directory({ path })
  },
})

operationSuite({
  name: 'test.directory and test.append', describe, it,
  cases: [
    {
      name: 'a directory',
      operation: (folder) => directory({ path: `${folder}/a` }),
      check: (folder) => mustExist(`${folder}/a`),
      drift: (folder) => rmSync(`${folder}/a`, { recursive: true }),
    },
    {
      name: 'a directory in one that is made before it',
      operation: (folder) => [directory({ path: `${folder}/a` }), directory({ path: `${folder}/a/b` })],
      check: (folder) => mustExist(`${folder}/a/b`),
    },
    {
      name: 'a directory that is there',
      already: true,
      prepare: (folder) => mkdirSync(`${folder}/a`),
      operation: (folder) => directory({ path: `${folder}/a` }),
    },
    {
      name: 'an action',
      action: true,
      prepare: (folder) => writeFileSync(`${folder}/log`, ''),
      operation: (folder) => append({ path: `${folder}/log` }),
      check: (folder) => {
        if (readFileSync(`${folder}/log`, 'utf8') !== 'line\n') throw new Error('it was not done once')
      },
    },
  ],
})

roleSuite({
  name: 'directories', role: directories, describe, it,
  cases: [
    {
      name: 'two directories',
      prepare: (folder) => mkdirSync(`${folder}/a`),
      desired: (folder) => ({ test_dirs: [`${folder}/a`, `${folder}/b`] }),
      check: (folder) => mustExist(`${folder}/b`),
      drift: (folder) => rmSync(`${folder}/b`, { recursive: true }),
    },
  ],
})

explainSuite({
  name: 'my-role', describe, it,
  explain: defineExplain({
    order: ['usage'],
    topics: { my_role: { concept: 'Directories.' }, usage: (depth) => ({ what: `How it is used, ${depth}.`, examples: [{ yaml: 'test_dirs: []' }], commands: ['ls'] }) },
  }),
})

keysSuite({ name: 'directories', keys: defineKeys([{ test_dirs: ['/tmp/a'] }]), role: directories, describe, it })

aliasesSuite({ aliases: { mr: 'my-role' }, roles: ['my-role'], describe, it })

const vault = new Map([['one', 'hunter22']])
providerSuite({
  name: 'a map', existing: { reference: 'one', value: 'hunter22' }, missing: 'two', writable: 'three', describe, it,
  provider: defineProvider({
    async read(reference) {
      const found = vault.get(reference)
      if (found === undefined) throw new ChaosError('SECRET_MISSING', { message: `There is no secret ${reference}.` })
      return secret(found)
    },
    async write(reference, value) {
      value.map((text) => {
        vault.set(reference, text)
        return text
      })
      return reference
    },
    status: async () => ({ ready: true, text: 'The map is there.' }),
  }),
})

boatSuite({
  name: 'two hosts', expected: ['b', 'a'], describe, it,
  boat: defineBoat({
    async *hosts(context) {
      const { stdout } = await context.run(['printf', 'a b'])
      for (const name of stdout.split(' ')) yield { name, data: { ssh_port: 22 }, groups: ['web'] }
    },
  }),
})

function mustExist(path: string): void {
  if (!existsSync(path)) throw new Error(`${path} is not there`)
}
