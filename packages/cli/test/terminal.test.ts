import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildIfStale, makeDesk, processesWith, until } from './command-line.ts'
import type { Desk } from './command-line.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'

const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/
const RED = 1
const GREEN = 2
const ESCAPE = '\u001b'

let desk: Desk
let open: Terminal[] = []
beforeAll(buildIfStale, 300_000)
beforeEach(() => {
  desk = makeDesk()
})
afterEach(() => {
  for (const terminal of open) terminal.kill()
  open = []
  desk.remove()
})

const inside = (name: string): string => path.join(desk.folder, name)
const chobolo = (content: unknown): unknown => desk.write('ch-obolo.yml', JSON.stringify(content))

/** The command at a terminal, with somebody who looks and types. */
function chaos(args: readonly string[], more: Record<string, string> = {}): Terminal {
  const terminal = openTerminal(desk, args, more)
  open.push(terminal)
  return terminal
}

/** Without what differs from run to run. */
const told = (terminal: Terminal): string[] =>
  terminal.lines().map((line) => line.replaceAll(desk.folder, 'DESK').replace(/^(this machine ·) .*/, '$1 OS').replace(/\d+(\.\d+)? m?s\b/, 'TIME'))

describe('the question at a terminal', () => {
  test('when nothing is removed, Enter is yes', async () => {
    chobolo({ files: [{ path: inside('motd'), content: 'hello' }] })
    const terminal = chaos(['apply'])
    await terminal.shows('● Yes / ○ No')
    expect(existsSync(inside('motd'))).toBe(false)
    terminal.type('\r')
    expect(await terminal.ended).toBe(0)
    expect(readFileSync(inside('motd'), 'utf8')).toBe('hello')
  })

  describe('when something is removed', () => {
    beforeEach(() => {
      desk.write('old', 'kept')
      chobolo({ files: [{ path: inside('old'), state: 'absent' }, { path: inside('motd'), content: 'hello' }] })
    })

    test('Enter is no', async () => {
      const terminal = chaos(['apply'])
      await terminal.shows('○ Yes / ● No')
      await terminal.shows('One removal is among them.')
      terminal.type('\r')
      expect(await terminal.ended).toBe(1)
      expect(told(terminal).at(-1)).toBe('Nothing was changed.')
      expect(readFileSync(inside('old'), 'utf8')).toBe('kept')
      expect(existsSync(inside('motd'))).toBe(false)
    })

    test('y is yes', async () => {
      const terminal = chaos(['apply'])
      await terminal.shows('○ Yes / ● No')
      terminal.type('y')
      expect(await terminal.ended).toBe(0)
      expect(existsSync(inside('old'))).toBe(false)
      expect(existsSync(inside('motd'))).toBe(true)
    })

    test.each([['Ctrl-C', '\u0003'], ['Escape', ESCAPE]])('%s is neither: it is an interrupt, and nothing is changed', async (_name, key) => {
      const terminal = chaos(['apply'])
      await terminal.shows('○ Yes / ● No')
      terminal.type(key)
      expect(await terminal.ended).toBe(130)
      expect(told(terminal).at(-1)).toBe('■ Interrupted in TIME: 0 changes, 0 already so, 2 skipped. Nothing new was started.')
      expect(readFileSync(inside('old'), 'utf8')).toBe('kept')
      expect(existsSync(inside('motd'))).toBe(false)
      expect(existsSync(inside('machine-state/lock'))).toBe(false)
    })
  })
})

describe('what stands on the screen', () => {
  // As long as the file is there the step runs; with the desk it is gone as well.
  const step = (): string => `echo started > ${inside('f')}; while [ -e ${inside('hold')} ]; do sleep 0.05; done; echo done >> ${inside('f')}`

  beforeEach(() => {
    desk.addSteps()
    desk.write('hold', '')
    desk.write('old', 'kept')
    chobolo({ files: [{ path: inside('old'), state: 'absent' }, { path: inside('motd'), content: 'hello' }], steps: [step()] })
  })

  async function toTheEnd(terminal: Terminal): Promise<void> {
    await terminal.shows('○ Yes / ● No')
    terminal.type('y')
    await terminal.shows(SPINNER)
    rmSync(inside('hold'))
    expect(await terminal.ended).toBe(0)
  }

  test('in the end is the plan and the summary, in colours, and nothing of the progress', async () => {
    const terminal = chaos(['apply', 'files', 'steps'])
    await toTheEnd(terminal)
    const lines = told(terminal)
    expect(lines.filter((line) => SPINNER.test(line))).toEqual([])
    expect(lines.slice(0, 5)).toEqual([
      'this machine · OS',
      '  files',
      '    - DESK/old: remove file  removes  files.file',
      '    + DESK/motd: create file  files.put',
      '          + hello',
    ])
    expect(lines.filter((line) => line.startsWith('Plan:'))).toEqual(['Plan: 3 changes on this machine, 1 removal.'])
    expect(lines.filter((line) => line.includes('Apply 3 changes'))).toEqual(['◇  Apply 3 changes on this machine? One removal is among them.'])
    expect(lines.at(-1)).toBe('✔ Done in TIME: 3 changes, 0 already so.')
    expect([terminal.colourOf('- '), terminal.colourOf('+ '), terminal.colourOf('✔'), terminal.colourOf('files')]).toEqual([RED, GREEN, GREEN, -1])
    // The cursor, which the question and the progress hide, is seen again.
    expect(terminal.raw().lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(terminal.raw().lastIndexOf(`${ESCAPE}[?25l`))
  })

  test('has no colours with NO_COLOR, and is the same otherwise', async () => {
    const terminal = chaos(['apply', 'files', 'steps'], { NO_COLOR: '1' })
    await toTheEnd(terminal)
    expect(terminal.raw().match(new RegExp(`${ESCAPE}\\[[\\d;:]*m`, 'g')) ?? []).toEqual([])
    expect(told(terminal)).toContain('Plan: 3 changes on this machine, 1 removal.')
    expect(told(terminal).at(-1)).toBe('✔ Done in TIME: 3 changes, 0 already so.')
  })

  // A terminal sends it to every process in its foreground, not to the command alone.
  test('after Ctrl-C in the middle of a step: the step is finished all the same', async () => {
    const terminal = chaos(['apply', 'steps'])
    await terminal.shows('● Yes / ○ No')
    terminal.type('\r')
    await until(() => existsSync(inside('f')), 'the step has begun')
    await terminal.shows(SPINNER)
    terminal.type('\u0003')
    await terminal.shows('Stopping: what has begun is finished')
    rmSync(inside('hold'))
    expect(await terminal.ended).toBe(130)
    expect(readFileSync(inside('f'), 'utf8')).toBe('started\ndone\n')
    expect(told(terminal).at(-1)).toContain('■ Interrupted in TIME')
    expect(told(terminal).filter((line) => SPINNER.test(line))).toEqual([])
    expect(processesWith(desk.folder)).toEqual([])
  })

  test('without a terminal there is not one escape, even if the environment says what the terminal would be', async () => {
    rmSync(inside('hold'))
    const { code, stdout, stderr } = await desk.chaos(['apply', 'files', 'steps', '--yes'], { env: { TERM: 'xterm-256color', COLORTERM: 'truecolor' } })
    expect(code).toBe(0)
    expect(stdout).toContain('Plan: 3 changes on this machine, 1 removal.')
    expect(stdout + stderr).not.toContain(ESCAPE)
  })
})
