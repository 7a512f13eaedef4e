import { spawn } from '@lydell/node-pty'
import headless from '@xterm/headless'
import path from 'node:path'
import { expect } from 'vitest'
import { CHAOS, until } from './command-line.ts'
import type { Desk } from './command-line.ts'

const SIZE = { cols: 120, rows: 40 }

export interface Terminal {
  type(keys: string): void
  /** Lines that are not empty, as they are seen now. */
  lines(): string[]
  shows(text: string | RegExp): Promise<void>
  /** The exit code, when all output is on the screen. */
  ended: Promise<number>
  raw(): string
  /** The colour of the first place where a text stands, as its number in the palette; none is -1. */
  colourOf(text: string): number
  kill(): void
}

/** The command, or another program of Node, at a terminal, with somebody who looks and types. */
export function openTerminal(desk: Desk, args: readonly string[], more: Record<string, string> = {}, program: string = CHAOS): Terminal {
  const inside = (name: string): string => path.join(desk.folder, name)
  const { GITHUB_ACTIONS: _, CI: __, FORCE_COLOR: ___, NO_COLOR: ____, NODE_DISABLE_COLORS: _____, ...env } = process.env
  const own = { HOME: desk.folder, XDG_STATE_HOME: inside('state'), CHAOS_STATE_FOLDER: inside('machine-state'), CHAOS_CONFIG_DIR: inside('config') }
  const child = spawn(process.execPath, [program, ...args], { ...SIZE, name: 'xterm-256color', cwd: desk.folder, env: { ...env, ...own, TERM: 'xterm-256color', ...more } })
  const screen = new headless.Terminal({ ...SIZE, allowProposedApi: true })
  let raw = ''
  let running = true
  child.onData((text) => {
    raw += text
    screen.write(text)
  })
  const ended = new Promise<number>((resolve) => {
    child.onExit(({ exitCode }) => {
      running = false
      screen.write('', () => resolve(exitCode))
    })
  })
  const rows = (): string[] => Array.from({ length: screen.buffer.active.length }, (_row, index) => screen.buffer.active.getLine(index)?.translateToString(true) ?? '')
  const lines = (): string[] => rows().filter((line) => line !== '')
  return {
    type: (keys) => child.write(keys),
    lines,
    async shows(text) {
      const is = (): boolean => lines().some((line) => (typeof text === 'string' ? line.includes(text) : text.test(line)))
      await until(is, `the screen shows ${text}`).catch((error: Error) => {
        throw new Error(`${error.message} It shows:\n${lines().join('\n')}`)
      })
    },
    ended,
    raw: () => raw,
    colourOf(text) {
      const row = rows().findIndex((line) => line.includes(text))
      expect(row, `${text} is on the screen`).toBeGreaterThanOrEqual(0)
      const cell = screen.buffer.active.getLine(row)?.getCell((rows()[row] as string).indexOf(text))
      return cell?.isFgPalette() ? cell.getFgColor() : -1
    },
    kill() {
      if (running) child.kill('SIGKILL')
    },
  }
}
