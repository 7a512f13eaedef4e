import assert from 'node:assert/strict'
import { rmdirSync, statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { draw, explainSuite, fakeHost, roleSuite } from '@chaos/testkit'
import role from '../src/index.js'
import explain from '../src/explain.js'

const runner = { describe, it }

explainSuite({ name: 'PLUGIN_NAME', explain, ...runner })

// Each case is applied to a throw-away folder: dry run, apply, look again, apply again, drift.
roleSuite({
  name: 'PLUGIN_NAME',
  role,
  cases: [
    {
      name: 'a directory with a mode',
      desired: (folder) => ({ plugin_key: [{ path: `${folder}/made`, mode: '0750' }] }),
      check: (folder) => assert.equal(statSync(`${folder}/made`).mode & 0o777, 0o750),
      drift: (folder) => rmdirSync(`${folder}/made`),
    },
  ],
  ...runner,
})

it('asks for what the Ch-obolo declares, and touches no machine to say so', async () => {
  const { titles } = await draw(role, fakeHost(), { plugin_key: [{ path: '/srv/a' }, { path: '/srv/b' }] })
  assert.deepEqual(titles, ['files.directory /srv/a', 'files.directory /srv/b'])
})
