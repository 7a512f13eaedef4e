import type { Page } from '@chaos/core'
import { describe, expect, it } from 'vitest'
import { visiblePage } from '../src/explain/page.ts'
import { BUILT_IN } from '../src/explain/topics.ts'
import { makeProgram } from '../src/program/index.ts'

const program = makeProgram(async () => {})
const commands = program.createHelp().visibleCommands(program).map((each) => each.name()).filter((name) => name !== 'help')

function at(topic: string, depth: 'basic' | 'intermediate' | 'advanced'): Page {
  const page = BUILT_IN[topic]?.[topic]
  return visiblePage(typeof page === 'function' ? page(depth) : (page ?? {}), depth)
}
/** The texts that stand on one page and not on another. */
const beyond = (more: Page, less: Page): string[] => Object.entries(more).filter(([key, value]) => key !== 'concept' && JSON.stringify(value) !== JSON.stringify(less[key])).map(([key]) => key)

describe('what chaos explains of itself', () => {
  it('has a topic for every command, and for every part', () => {
    expect(commands).toContain('apply')
    const parts = ['chaos', 'fleet', 'connectors', 'boats', 'providers', 'secrets', 'styx', 'roles', 'operations']
    expect([...commands, ...parts].filter((name) => BUILT_IN[name]?.[name] === undefined)).toEqual([])
  })

  it.each(Object.keys(BUILT_IN))('says something of %s at each depth', (topic) => {
    const [basic, intermediate, advanced] = [at(topic, 'basic'), at(topic, 'intermediate'), at(topic, 'advanced')]
    expect(basic).toMatchObject({ concept: expect.any(String) as string, what: expect.stringMatching(/\.$/) as string, why: expect.stringMatching(/\.$/) as string })
    expect(beyond(intermediate, basic)).toContain('how')
    expect(beyond(advanced, intermediate)).toContain('technical')
  })

  it('names only commands that there are', () => {
    const pages = Object.values(BUILT_IN).flatMap((topics) => Object.values(topics)).map((page) => (typeof page === 'function' ? page('advanced') : page))
    const named = pages.flatMap(({ commands: lines = [], validation = '' }) => [...lines, validation]).flatMap((line) => /^chaos ([a-z]+)/.exec(line)?.[1] ?? [])
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => !commands.includes(name))).toEqual([])
  })
})
