import { describe, expect, it } from 'vitest'
import { disown, isOwned, own, undeclared } from '../src/owned.ts'

describe('what a role added itself', () => {
  const state = { items: { 'user:ana': { shell: '/bin/sh' }, 'user:ben': true, 'package:git': true, 'user:': true } }

  it('is remembered by kind and name, with a value or without', () => {
    expect([own('user', 'ana', { shell: '/bin/sh' }), own('package', 'git'), disown('user', 'ana')]).toEqual([
      { remember: { id: 'user:ana', value: { shell: '/bin/sh' } } },
      { remember: { id: 'package:git', value: true } },
      { forget: 'user:ana' },
    ])
  })

  it('is remembered of several things that one operation added', () => {
    expect([own('package', ['git', 'jq']), disown('package', ['git', 'jq'])]).toEqual([
      { remember: [{ id: 'package:git', value: true }, { id: 'package:jq', value: true }] },
      { forget: ['package:git', 'package:jq'] },
    ])
  })

  it('is told when it is no longer declared, of one kind alone', () => {
    expect(undeclared(state, 'user', ['ben', '']).map(({ name }) => name)).toEqual(['ana'])
    expect(undeclared(state, 'package', [])).toEqual([{ name: 'git', value: true }])
  })

  it('is not taken from names that every object has', () => {
    expect([isOwned(state, 'user', 'ana'), isOwned({ items: {} }, 'user', 'ana'), isOwned({ items: Object.create({ 'user:ana': true }) as Record<string, unknown> }, 'user', 'ana')]).toEqual([true, false, false])
  })
})
