import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { aliasesSuite } from '@chaos/testkit'
import { aliases } from '../src/index.js'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { chaos: { aliases: Record<string, string> } }

// The roles they stand for come from other packages.
aliasesSuite({ aliases: manifest.chaos.aliases, roles: ['files'], describe, it })

it('says in its module what it says in its package.json', () => assert.deepEqual(aliases, manifest.chaos.aliases))
