import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { aliasesSuite } from '@chaos/testkit'

const { chaos } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// The roles they stand for come from other packages.
aliasesSuite({ aliases: chaos.aliases, roles: ['packages', 'files', 'services', 'users'], describe, it })
