import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { aliasesSuite, draw, explainSuite, fakeHost, keysSuite } from '@chaos/testkit'
import explain from 'my-chaos-plugin/explain'
import { myRole, myRoleKeys } from 'my-chaos-plugin/roles'

const { chaos } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const runner = { describe, it }

explainSuite({ name: 'my-role', explain, ...runner })
keysSuite({ name: 'my-role', keys: myRoleKeys, role: myRole, ...runner })
aliasesSuite({ aliases: chaos.aliases, roles: Object.keys(chaos.roles), ...runner })

it('ensures its own directory and those of the Ch-obolo', async () => {
  const { operations } = await draw(myRole, fakeHost(), { my_role_dirs: ['/tmp/dir1'] })
  assert.deepEqual(
    operations.map(({ args }) => [args.path, args.owner, args.mode]),
    [['/tmp/my-role-dir', 'root', '0755'], ['/tmp/dir1', 'root', '0755']],
  )
})

it('needs no key', async () => {
  const { titles } = await draw(myRole, fakeHost())
  assert.deepEqual(titles, ['files.directory /tmp/my-role-dir'])
})
