import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as ours from '../src/index.ts'

// npm installs a peer once per global package, so a plugin's core is often another copy than the engine's.
let folder: string
let theirs: typeof ours

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chaos-core-'))
  cpSync(fileURLToPath(new URL('../src', import.meta.url)), folder, { recursive: true })
  theirs = (await import(pathToFileURL(join(folder, 'index.ts')).href)) as typeof ours
})
afterAll(() => rmSync(folder, { recursive: true }))

const schema: ours.Schema<{ path: string }> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { path: string } }) } }

describe('two copies of core', () => {
  it('are two', () => {
    expect(theirs.defineRole).not.toBe(ours.defineRole)
    expect(theirs.ChaosError).not.toBe(ours.ChaosError)
  })

  it('know each other’s secrets', () => {
    const secret = theirs.secret('hunter22')
    expect(ours.isSecret(secret)).toBe(true)
    expect(ours.revealSecret(ours.secretText`password=${secret}`)).toBe('password=hunter22')
    expect(inspect(secret)).toBe('***')
    // @ts-expect-error no secret stands in a command, whoever made it
    expect(() => ours.sh`echo ${secret}`).toThrow('A secret cannot stand in a command.')
  })

  it('know each other’s commands', () => {
    const command = theirs.sh`echo ${'a b'}`
    expect(ours.isCommand(command)).toBe(true)
    expect(ours.sh`sh -c ${ours.word(command)} ${[command]}`.text).toBe(`sh -c 'echo '\\''a b'\\''' echo 'a b'`)
  })

  it('know each other’s errors', () => {
    const error = new theirs.ChaosError('TEST', { message: 'What happened.', hint: 'What to do.' })
    expect(ours.isChaosError(error)).toBe(true)
    expect(error instanceof ours.ChaosError).toBe(false)
    expect([error.code, error.hint]).toEqual(['TEST', 'What to do.'])
  })

  it('know each other’s facts', () => {
    const stat = theirs.defineFact({ name: 'test.stat', command: (path: string) => theirs.sh`stat ${path}`, parse: (text) => text })
    const fact = stat('/etc')
    expect(ours.isFact(fact)).toBe(true)
    expect(ours.isCommand((fact.definition.command as (path: string) => unknown)('/etc'))).toBe(true)
  })

  it('know each other’s operations, and see them being made', () => {
    const directory = theirs.defineOperation({ name: 'test.directory', args: schema, diff: () => [] })
    const made: ours.Op[] = []
    ours.drawing().run({ made: (op) => void made.push(op) }, () => void directory({ path: '/srv' }))
    expect(made.map((op) => [ours.isOperation(op), op.title])).toEqual([[true, '/srv']])
    const [drawn] = [...directory({ path: '/srv' })]
    expect([ours.isOperation(drawn), ours.isKind(drawn?.result, 'result')]).toEqual([true, true])
  })

  it('know each other’s roles and all other contracts', () => {
    expect(ours.isRole(theirs.defineRole(() => []))).toBe(true)
    expect(ours.isRole(theirs.defineRole({ keys: {}, delta: () => ({}), plan: () => [] }))).toBe(true)
    expect(ours.isConnector(theirs.defineConnector({}))).toBe(true)
    expect(ours.isProvider(theirs.defineProvider({ read: async () => theirs.secret('x') }))).toBe(true)
    expect(ours.isBoat(theirs.defineBoat({ hosts: () => [] }))).toBe(true)
    expect(ours.isExplain(theirs.defineExplain({ topics: {} }))).toBe(true)
    expect(ours.isKeys(theirs.defineKeys([]))).toBe(true)
  })

  it('take no look-alike for the real thing', () => {
    for (const fake of [{ '~chaos': 'role' }, { '~chaos': { kind: 'role' } }, { '~chaos': { kind: 1, api: 1 } }, null, 'role', { kind: 'role', api: 1 }]) {
      expect(ours.isRole(fake)).toBe(false)
    }
  })
})
