import path from 'node:path'
import { discover } from '@chaos/discovery'
import { describe, expect, test } from 'vitest'
import { expandTags } from '../src/aliases.ts'
import { rolesOf } from '../src/roles.ts'

const plugins = { p: 'packages', x: 'y', y: 'x', self: 'self' }

describe('aliases', () => {
  test.each([
    [['p', 'packages'], {}, ['packages'], []],
    [['x'], {}, ['x'], ['ALIAS_CYCLE']],
    [['web'], { web: 'p users', p: 'other' }, ['other', 'users'], ['ALIAS_OVERRIDE']],
    [['web'], { web: ['a', 'b'] }, ['a', 'b'], []],
    [['self'], {}, ['self'], []],
    [['web', 'web'], { web: 'a' }, ['a'], []],
    [['all'], { all: ['users', 'web', 'users'], web: 'p files' }, ['users', 'packages', 'files'], []],
    [['a', 'users'], { a: 'b files', b: ['c'], c: 'a p' }, ['a', 'packages', 'files', 'users'], ['ALIAS_CYCLE']],
  ])('%j with %j of the user', (tags, user, expected, warned) => {
    const { tags: found, warnings } = expandTags(tags, { plugins, user })
    expect(found).toEqual(expected)
    expect(warnings.map((warning) => warning.code)).toEqual(warned)
  })

  test('a circle is told with the way around it', () => {
    expect(expandTags(['a'], { user: { a: 'b', b: ['c'], c: 'a' } }).warnings).toEqual([{ code: 'ALIAS_CYCLE', message: 'Aliases go in a circle: a → b → c → a. `a` is taken as it is.' }])
  })

  test('a circle of which no tag is a role is what went wrong, not a package that is missing', async () => {
    const none = await discover({ from: path.join(import.meta.dirname, 'nowhere'), argv1: '/nowhere', env: { HOME: '/nowhere' } })
    await expect(rolesOf(['web'], none, { web: 'site', site: 'web' })).rejects.toMatchObject({ code: 'ALIAS_CYCLE', message: 'Aliases go in a circle: web → site → web. There is no role `web` either.' })
    await expect(rolesOf(['self'], none, { self: 'self' })).rejects.toMatchObject({ code: 'PLUGIN_MISSING' })
  })

  test('aliases that multiply are refused instead of filling the memory', () => {
    const user = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`a${index}`, `a${index + 1} b${index} a${index + 2}`]))
    expect(() => expandTags(['a0'], { user })).toThrow('stands for more than 1000 tags')
  })

  test('names of Object.prototype are tags like any other', () => {
    expect(expandTags(['constructor', 'toString'], {}).tags).toEqual(['constructor', 'toString'])
  })
})
