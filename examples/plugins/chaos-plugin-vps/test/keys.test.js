import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keysSuite } from '@chaos/testkit'
import vps from 'chaos-plugin-vps'

keysSuite({ name: 'vps', keys: vps, describe, it })

it('closes the door of passwords only where somebody has a key', () => {
  const { users, files } = Object.assign({}, ...vps.fragments)
  assert.match(files[0].content, /PasswordAuthentication no/)
  assert.ok(users.every(({ keys }) => keys.length > 0))
})
