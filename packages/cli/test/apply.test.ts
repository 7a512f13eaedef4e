import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk } from './command-line.ts'
import type { Desk } from './command-line.ts'

let desk: Desk
beforeAll(() => {
  desk = makeDesk()
  buildIfStale()
  desk.write('ch-obolo.yml', `root: ${desk.folder}\nfiles:\n  - path: "\${root}/motd"\n    mode: "0644"\n    content: |\n      hello\n`)
}, 300_000)
afterAll(() => desk.remove())

describe('chaos apply on this machine', () => {
  test('without a terminal nothing is asked and nothing is done', async () => {
    const { code, stdout, stderr } = await desk.chaos(['apply'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--yes')
  })

  test('a dry run shows the plan, changes nothing, and tells a program so on demand', async () => {
    const { code, stdout } = await desk.chaos(['apply', '--dry'])
    expect(code).toBe(0)
    expect(stdout).toContain('+ hello')
    expect(stdout).toContain('Plan: 1 change on this machine.')
    expect((await desk.chaos(['apply', '--dry', '--detailed-exitcode'])).code).toBe(3)
    expect(existsSync(path.join(desk.folder, 'motd'))).toBe(false)
  })

  test('events are NDJSON whose first line has the version, and stderr is empty', async () => {
    const { code, stdout, stderr } = await desk.chaos(['apply', 'files', '--json', '--dry'])
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(events[0]).toMatchObject({ type: 'run.begin', version: 1, dry: true })
    expect(events.at(-1)).toMatchObject({ type: 'run.end', outcome: 'done' })
  })

  test('applied once it changes, applied again there is nothing to do', async () => {
    const first = await desk.chaos(['apply', '-ikwid', '-nw'])
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/✔ Done in .*: 1 change, 0 already so\.\n$/)
    expect(readFileSync(path.join(desk.folder, 'motd'), 'utf8')).toBe('hello\n')
    const second = await desk.chaos(['apply', '-y'])
    expect(second.stdout).toMatch(/^Plan: nothing to do, 1 already so\.\n\n✔ Nothing to do in .*: 1 already so\.\n$/)
    expect(second.stderr).toBe('')
    expect((await desk.chaos(['apply', '-d', '--detailed-exitcode'])).code).toBe(0)
    expect(first.stdout + first.stderr + second.stdout).not.toContain('\u001b')
  })

  test('a failure is exit code 1', async () => {
    desk.write('bad.yml', 'files:\n  - { path: /proc/nothing/x, content: a }\n')
    const { code, stderr } = await desk.chaos(['apply', '-y', '-c', 'bad.yml'])
    expect(code).toBe(1)
    expect(stderr).toContain('✖ ')
  })
})

describe('the other commands', () => {
  test('exec prints what the command prints and nothing else', async () => {
    expect(await desk.chaos(['exec', '--', 'echo out; echo err >&2'])).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' })
    expect((await desk.chaos(['exec', '--', 'printf', '%s\n', 'a b'])).stdout).toBe('a b\n')
    expect((await desk.chaos(['exec', '--', 'exit 3'])).code).toBe(1)
  })

  test('set chobolo is remembered, with the comments of the config', async () => {
    const other = makeDesk()
    try {
      await desk.chaos(['set', 'c', 'ch-obolo.yml'])
      const config = path.join(desk.folder, 'config/config.yml')
      expect(readFileSync(config, 'utf8')).toBe(`chobolo_file: ${path.join(desk.folder, 'ch-obolo.yml')}\n`)
      expect(statSync(config).mode & 0o777).toBe(0o600)
      desk.write('config/config.yml', '# mine\naliases: { f: files } # short\n')
      await desk.chaos(['set', 'chobolo', 'ch-obolo.yml'])
      expect(readFileSync(config, 'utf8')).toMatch(/^# mine\naliases: \{ f: files \} # short\nchobolo_file: /)
      const { code, stdout } = await other.chaos(['apply', 'f', '--dry'], { env: { CHAOS_CONFIG_DIR: path.dirname(config) } })
      expect([code, stdout]).toEqual([0, 'Plan: nothing to do, 1 already so.\n'])
    } finally {
      other.remove()
    }
  })

  test('a role with several keys runs where the one of its own name stands', async () => {
    const other = makeDesk()
    try {
      other.write('ch-obolo.yml', `hostname: box\nfiles:\n  - { path: ${other.folder}/made }\nusers: []\n`)
      const { stdout } = await other.chaos(['apply', '--dry', '--json'])
      const begin = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { type: string; roles?: string[] }).find(({ type }) => type === 'run.begin')
      expect(begin?.roles).toEqual(['files', 'users'])
    } finally {
      other.remove()
    }
  })

  test('init writes a Ch-obolo that is valid, with a schema, and never over one', async () => {
    const other = makeDesk()
    try {
      expect((await other.chaos(['init', 'chobolo', '-t', '-u'])).stdout).toMatch(/^# yaml-language-server: \$schema=\.chaos\/schema\.json\n[^]*files:/)
      expect(existsSync(path.join(other.folder, 'ch-obolo.yml'))).toBe(false)
      expect((await other.chaos(['init', 'chobolo'])).code).toBe(0)
      expect(JSON.parse(readFileSync(path.join(other.folder, '.chaos/schema.json'), 'utf8'))).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' })
      const file = path.join(other.folder, 'ch-obolo.yml')
      other.write('ch-obolo.yml', readFileSync(file, 'utf8').replaceAll(/^# (?!yaml-language-server|@chaos\/)/gm, ''))
      expect(await other.chaos(['check'])).toMatchObject({ code: 0, stderr: '' })
      expect(await other.chaos(['init', 'chobolo'])).toMatchObject({ code: 2, stdout: '' })
    } finally {
      other.remove()
    }
  })

  test('check lists, and explain explains', async () => {
    expect((await desk.chaos(['check', 'roles'])).stdout).toContain('files\n')
    const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../connector-local/package.json'), 'utf8')) as { version: string }
    expect(JSON.parse((await desk.chaos(['check', 'connectors', '-j'])).stdout)).toContainEqual({ name: 'local', package: '@chaos/connector-local', version })
    expect((await desk.chaos(['check', 'connectors'])).stdout.split('\n')).toContain(`@local  @chaos/connector-local ${version}`)
    expect((await desk.chaos(['explain', 'chaos'])).stdout).toContain('Ch-obolo')
    expect(JSON.parse((await desk.chaos(['explain', 'operations.list', '-j'])).stdout)).toContain('files.put')
    const { code, stdout, stderr } = await desk.chaos(['explain', 'apply', 'aply'])
    expect([code, stdout.includes('Plan'), stderr.includes('Did you mean `apply`?')]).toEqual([2, true, true])
  })
})
