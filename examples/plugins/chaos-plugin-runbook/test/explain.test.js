import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainSuite } from '@chaos/testkit'
import runbook from 'chaos-plugin-runbook'

explainSuite({ name: 'runbook', explain: runbook, describe, it })

it('goes deeper where somebody asks for it', () => {
  const { deploy } = runbook.topics
  assert.notEqual(deploy('basic').how, deploy('advanced').how)
  assert.equal(deploy('basic').security, deploy('advanced').security)
})
