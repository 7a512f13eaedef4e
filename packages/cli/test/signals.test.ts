import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk, processesWith, until } from './command-line.ts'
import type { Desk, Ended } from './command-line.ts'

let desk: Desk
beforeAll(buildIfStale, 300_000)
beforeEach(() => {
  desk = makeDesk()
  desk.addSteps()
})
afterEach(() => desk.remove())

const inside = (name: string): string => path.join(desk.folder, name)
const lock = (): string => inside('machine-state/lock')

function steps(...commands: string[]): void {
  desk.write('ch-obolo.yml', JSON.stringify({ steps: commands }))
}

describe('a signal in the middle of a step', () => {
  // A step ends when it is told to, which is after the signal.
  const waiting = (): string => `echo started > ${inside('f')}; while [ ! -e ${inside('go')} ]; do sleep 0.05; done; echo done >> ${inside('f')}`

  async function stopInTheMiddle(signal: NodeJS.Signals, tags: string[] = []): Promise<Ended> {
    const { child, ended } = desk.start(['apply', ...tags, '-y'])
    let told = ''
    child.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()))
    await until(() => existsSync(inside('f')), 'the step has begun')
    child.kill(signal)
    await until(() => told.includes('Stopping'), 'the signal was heard')
    desk.write('go', '')
    return ended
  }

  test.each(['SIGINT', 'SIGTERM'] as const)('%s once: the step is finished, and the next role does not start', async (signal) => {
    desk.write('ch-obolo.yml', JSON.stringify({ steps: [waiting()], files: [{ path: inside('next'), content: 'a' }] }))
    const { code, stdout } = await stopInTheMiddle(signal)
    expect(code).toBe(130)
    expect(stdout).toContain('Interrupted')
    expect(readFileSync(inside('f'), 'utf8')).toBe('started\ndone\n')
    expect(existsSync(inside('next'))).toBe(false)
    expect(existsSync(lock())).toBe(false)
    expect(processesWith(desk.folder)).toEqual([])
  })

  test('nor does a step that was sent together with the one that runs', async () => {
    steps(waiting(), `touch ${inside('next')}`)
    await stopInTheMiddle('SIGINT', ['steps'])
    expect(existsSync(inside('next'))).toBe(false)
  })

  test('SIGINT twice: what runs is ended at once, with all it started', async () => {
    steps(`sleep 300 & echo started > ${inside('f')}; sleep 300; echo done >> ${inside('f')}`)
    const { child, ended } = desk.start(['apply', 'steps', '-y'])
    let told = ''
    child.stderr?.on('data', (bytes: Buffer) => (told += bytes.toString()))
    await until(() => existsSync(inside('f')) && readFileSync(inside('f'), 'utf8') !== '', 'the step has begun')
    child.kill('SIGINT')
    await until(() => told.includes('Stopping'), 'the first was heard')
    child.kill('SIGINT')
    const { code } = await ended
    expect(code).toBe(130)
    expect(readFileSync(inside('f'), 'utf8')).toBe('started\n')
    await until(() => processesWith(desk.folder).length === 0, 'all its processes are gone')
    expect(existsSync(lock())).toBe(false)
  })

  test('exec ends with 130 as well', async () => {
    const { child, ended } = desk.start(['exec', '--', `echo started > ${inside('f')}; while [ ! -e ${inside('go')} ]; do sleep 0.05; done`])
    await until(() => existsSync(inside('f')), 'the step has begun')
    child.kill('SIGINT')
    child.stderr?.once('data', () => desk.write('go', ''))
    expect((await ended).code).toBe(130)
    expect(existsSync(lock())).toBe(false)
  })
})

describe('the lock of a run that is dead', () => {
  test('is named by the refusal, and taken away by its id and by no other', async () => {
    mkdirSync(lock(), { recursive: true })
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    writeFileSync(path.join(lock(), 'owner'), `run 20260101-dead\ncontroller ana@desk\npid 4\nboot ${boot}\nsince 2026-01-01T00:00:00Z\n`)
    steps(`touch ${inside('f')}`)
    const refused = await desk.chaos(['apply', 'steps', '-y'])
    expect(refused.code).toBe(1)
    expect(refused.stderr + refused.stdout).toMatch(/ana@desk[^]*chaos unlock 20260101-dead/)
    expect(existsSync(inside('f'))).toBe(false)

    await desk.chaos(['unlock', '20260101-other'])
    expect(existsSync(lock())).toBe(true)
    expect(await desk.chaos(['unlock', '20260101-dead'])).toEqual({ code: 0, stdout: 'this machine: unlocked\n', stderr: '' })
    expect(existsSync(lock())).toBe(false)
    expect((await desk.chaos(['apply', 'steps', '-y'])).code).toBe(0)
    expect(existsSync(inside('f'))).toBe(true)
  })
})

test('a run that was killed is told of by the next one, once', async () => {
  steps(`echo started > ${inside('f')}; sleep 300`)
  const { child, ended } = desk.start(['apply', 'steps', '-y'])
  await until(() => existsSync(inside('f')), 'the step has begun')
  child.kill('SIGKILL')
  await ended
  for (const pid of processesWith(desk.folder)) {
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  const owner = readFileSync(path.join(lock(), 'owner'), 'utf8')
  const id = /^run (\S+)/.exec(owner)?.[1] ?? ''
  expect((await desk.chaos(['unlock', id])).code).toBe(0)
  steps('true')
  const next = await desk.chaos(['apply', 'steps', '-y'])
  expect(next.code).toBe(0)
  expect(next.stderr).toContain(id)
  expect(next.stderr).toContain('on @local')
  expect((await desk.chaos(['apply', 'steps', '-y'])).stderr).not.toContain(id)
})

test('a role that cannot be loaded spoils nothing of the others, and a key without its role is told which package has it', async () => {
  desk.write('ch-obolo.yml', JSON.stringify({ files: [{ path: inside('made'), content: 'x' }], packages: ['git'] }))
  desk.write('node_modules/chaos-role-broken/package.json', JSON.stringify({ name: 'chaos-role-broken', version: '1.0.0', type: 'module', exports: './index.js' }))
  desk.write('node_modules/chaos-role-broken/index.js', 'throw new Error("broken on purpose")\n')
  const manifest = JSON.parse(readFileSync(inside('package.json'), 'utf8')) as { dependencies?: Record<string, string> }
  desk.write('package.json', JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, 'chaos-role-broken': '1.0.0' } }))
  const { code, stderr } = await desk.chaos(['apply', '-y'])
  expect(code).toBe(0)
  expect(existsSync(inside('made'))).toBe(true)
  expect(stderr).toContain('chaos-role-broken')
  expect(stderr).toContain('@chaos/role-packages')
})
