import { describe, expect, it } from 'vitest'
import type { Restrictions } from '../../src/run/contract.ts'
import { createSelection, restrictionVerdict, select, unusedRestrictions } from '../../src/inventory/index.ts'

const host = (name: string, groups: string[] = [], from: string[] = []) => ({ name, groups, from, data: {}, canonical: name.startsWith('@') ? name : `@ssh/${name}` })
const hosts = [host('web1', ['web']), host('web2', ['web']), host('db1', ['db']), host('@docker/app'), host('vm-1', ['found'], ['@terraform/vms'])]
const names = (limit?: string[], exclude?: string[]) => select(hosts, { limit, exclude }).map((each) => each.name)

describe('a selection', () => {
  it.each<[string[] | undefined, string[] | undefined, string[]]>([
    [undefined, undefined, ['web1', 'web2', 'db1', '@docker/app', 'vm-1']],
    [['db1', 'web1'], undefined, ['web1', 'db1']],
    [['web*'], undefined, ['web1', 'web2']],
    [['web?'], undefined, ['web1', 'web2']],
    [['@docker/*'], undefined, ['@docker/app']],
    [['@ssh/db1'], undefined, ['db1']],
    [['group:web'], undefined, ['web1', 'web2']],
    [['group:*'], undefined, ['web1', 'web2', 'db1', 'vm-1']],
    [['@terraform/vms'], undefined, ['vm-1']],
    [undefined, ['group:web'], ['db1', '@docker/app', 'vm-1']],
    [['web*', 'db1'], ['web2'], ['web1', 'db1']],
  ])('of %j without %j is %j', (limit, exclude, expected) => {
    expect(names(limit, exclude)).toEqual(expected)
  })

  it('takes an exact name before a glob', () => {
    const odd = [host('a?'), host('ab')]
    expect(select(odd, { limit: ['a?'] }).map((each) => each.name)).toEqual(['a?'])
  })

  it.each<[string[], string, string]>([
    [['wbe1'], 'No host of the fleet is named by "wbe1".', 'Did you mean web1?'],
    [['web1', 'nothing-like-it'], 'No host of the fleet is named by "nothing-like-it".', 'The fleet has web1, web2, db1, @docker/app, vm-1.'],
    [['group:wbe'], 'No host of the fleet is named by "group:wbe".', 'Did you mean group:web?'],
    [['web.'], 'No host of the fleet is named by "web.".', 'Did you mean web1, web2?'],
    [[], 'The limit names no host.', 'Name hosts, globs or group:NAME, or leave the limit out for all.'],
  ])('of %j is an error, never all hosts', (limit, message, hint) => {
    expect(() => names(limit)).toThrow(expect.objectContaining({ code: 'SELECTION_EMPTY', message, hint }))
  })

  it('of nothing is an error', () => {
    expect(() => select([], {})).toThrow(expect.objectContaining({ code: 'SELECTION_EMPTY', message: 'The fleet has no hosts.' }))
    expect(() => names(['web1'], ['web*'])).toThrow('Everything that was selected is excluded again.')
    expect(() => names(undefined, ['wbe1'])).toThrow('No host of the fleet is named by "wbe1".')
  })
})

const verdict = (restrictions: Restrictions, name = 'h', role = 'r'): string => {
  const given = restrictionVerdict(restrictions, host(name, ['web'], ['@terraform/x']), role)
  return given.verdict === 'skip' ? given.reason : given.verdict === 'error' ? given.error.code : 'run'
}

describe('restrictions', () => {
  it.each<[Restrictions, string]>([
    [{ black_list: { h: { r: true } } }, 'restricted by fleet.restrictions.black_list.h.r'],
    [{ black_list: { h: {} } }, 'restricted by fleet.restrictions.black_list.h'],
    [{ allow_list: { h: { x: true } } }, 'restricted by fleet.restrictions.allow_list.h'],
    [{ allow_list: { h: {} } }, 'restricted by fleet.restrictions.allow_list.h'],
    [{ allow_list: { h: { r: true } }, black_list: { h: { r: true } } }, 'RESTRICTION_CONTRADICTION'],
    [{ allow_list: { h: { r: true } }, black_list: { h: {} } }, 'run'],
    [{ black_list: { h: { r: false } } }, 'run'],
    [{ black_list: { other: { r: true } } }, 'run'],
    [{ allow_list: { h: { r: false } } }, 'restricted by fleet.restrictions.allow_list.h'],
    [{ allow_list: { h: {} }, black_list: { h: {} } }, 'restricted by fleet.restrictions.black_list.h'],
    [{ allow_list: { h: { x: true } }, black_list: { h: {} } }, 'restricted by fleet.restrictions.allow_list.h'],
    [{ black_list: { '*': { r: true } } }, 'restricted by fleet.restrictions.black_list.*.r'],
    [{ black_list: { '*': { r: true }, h: { x: true } } }, 'run'],
    [{ black_list: { '?': { x: true }, '*': { r: true } } }, 'restricted by fleet.restrictions.black_list.*.r'],
    [{ black_list: { 'group:web': { r: true } } }, 'restricted by fleet.restrictions.black_list.group:web.r'],
    [{ black_list: { '@ssh/h': { r: true } } }, 'restricted by fleet.restrictions.black_list.@ssh/h.r'],
    [{ black_list: { '@terraform/x': { r: true } } }, 'restricted by fleet.restrictions.black_list.@terraform/x.r'],
    [{}, 'run'],
  ])('%j: %s', (restrictions, expected) => {
    expect(verdict(restrictions)).toBe(expected)
  })

  it('are not fooled by names that every object has', () => {
    expect(verdict({ allow_list: { h: {} } }, 'h', 'constructor')).toBe('restricted by fleet.restrictions.allow_list.h')
    expect(verdict({ black_list: { h: { x: true } } }, 'h', 'toString')).toBe('run')
  })

  it('are decided together with the selection, in one place', () => {
    const selection = createSelection(hosts, { limit: ['web*'], restrictions: { black_list: { web1: { users: true } } } })
    expect(selection.decide(hosts[0]!, 'users')).toEqual({ run: false, reason: 'restricted by fleet.restrictions.black_list.web1.users' })
    expect(selection.decide(hosts[1]!, 'users')).toEqual({ run: true })
    expect(selection.decide(hosts[2]!, 'users')).toEqual({ run: false, reason: 'not selected' })
  })

  it('that name nobody are found', () => {
    expect(unusedRestrictions({ allow_list: { 'web*': {} }, black_list: { wbe1: {}, 'group:none': {}, '@terraform/vms': {} } }, hosts)).toEqual([
      'fleet.restrictions.black_list.wbe1', 'fleet.restrictions.black_list.group:none',
    ])
  })
})
