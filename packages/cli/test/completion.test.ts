import { spawn as openPty } from '@lydell/node-pty'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import headless from '@xterm/headless'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { behindBreak, partedLine, quotedForBash, wordsOf } from '../src/completion/words.ts'
import { SHELLS } from '../src/completion/scripts.ts'
import { buildIfStale, CHAOS, makeDesk, until } from './command-line.ts'
import type { Desk } from './command-line.ts'

let desk: Desk
beforeAll(() => {
  buildIfStale()
  desk = makeDesk()
  desk.addSteps()
  desk.addPlugin('loud', { roles: { loud: './index' }, explain: { loud: './index' }, aliases: { ld: 'loud' } }, 'console.log("imported"); throw new Error("imported")')
  desk.write('config/config.yml', 'aliases: { everything: "steps loud" }\nsecret_providers: { default: box.age, box: { age_id: x, gpg_url: y }, age: { file: z } }\n')
  desk.write('ch-obolo.yml', 'fleet:\n  hosts: [web1, web2, "@docker/web", "build.example.net"]\n  groups: { front: { hosts: ["web*"] } }\n')
  const groups = '  groups: { "front $(touch made); `touch made`": { hosts: [] } }\n'
  desk.write('hostile/ch-obolo.yml', `fleet:\n  hosts: [web1]\n${groups}`)
  desk.write('hostile/odd.yml', `fleet:\n  hosts: ["web\\nx", "\\e[31mred", "it's", "say \\"hi\\"", "two words"]\n${groups}`)
  mkdirSync(path.join(desk.folder, 'bin'))
  symlinkSync(CHAOS, path.join(desk.folder, 'bin/chaos'))
}, 300_000)
afterAll(() => desk.remove())

const complete = async (...words: string[]): Promise<string[]> => {
  const { stdout, stderr } = await desk.chaos(['__complete', '--', ...words])
  expect(stderr).toBe('')
  return stdout.split('\n').filter(Boolean).map((line) => line.split('\t')[0] as string)
}

describe('what may stand in place of the last word', () => {
  it('is a command, and none that is hidden', async () => {
    expect(await complete('ex')).toEqual(['explain', 'exec'])
    expect(await complete('')).toEqual(expect.arrayContaining(['apply', 'check', 'completion', 'init', 'trust']))
    expect((await complete('__'))).toEqual([])
  })

  it('is a role or an alias, from installed plugins that are not imported', async () => {
    expect(await complete('apply', '')).toEqual(expect.arrayContaining(['files', 'steps', 'loud', 'ld', 'everything']))
    expect(await complete('apply', 'files', '-y', 'st')).toEqual(['steps'])
  })

  it('is a host or a group of the fleet, also the second of several', async () => {
    expect(await complete('apply', '--limit', 'web')).toEqual(['web1', 'web2'])
    expect(await complete('apply', '--limit', 'web1,@d')).toEqual(['web1,@docker/web'])
    expect(await complete('apply', '--limit=group:')).toEqual(['--limit=group:front'])
    expect(await complete('trust', 'b')).toEqual(['build.example.net'])
  })

  it('is a key of a provider that the config names, or what may stand behind -p, and a provider to store one with', async () => {
    expect(await complete('apply', '-p', '')).toEqual(expect.arrayContaining(['box.age', 'box.gpg', 'steps']))
    expect(await complete('secrets', 'print', '--provider=b')).toEqual(['--provider=box.age', '--provider=box.gpg'])
    expect(await complete('secrets', 'export', 'a')).toEqual(['age'])
    expect(await complete('secrets', 'import', 'age', '-t', '')).toEqual(['age', 'gpg', 'vault'])
  })

  it('is a topic, one below another, and an operation', async () => {
    expect(await complete('explain', 'lo')).toEqual(['loud'])
    expect(await complete('explain', 'apply.')).toEqual(['apply.tags', 'apply.dry'])
    expect(await complete('explain', 'operations.files.li')).toEqual(['operations.files.line', 'operations.files.link'])
  })

  it('is an option of the command, or a value of the option before it', async () => {
    expect(await complete('apply', '--d')).toEqual(['--dry', '--diff', '--detailed-exitcode'])
    expect(await complete('explain', 'apply', '--details', 'a')).toEqual(['advanced'])
    expect(await complete('apply', '--timeout', '')).toEqual([])
    expect(await complete('init', 'c')).toEqual(['chobolo'])
    expect(await complete('secrets', 'rotate-add', '')).toEqual(['age', 'pgp', 'vault', 'hc_vault'])
    expect(await complete('apply', '--', '--d')).toEqual([])
  })

  it('is a file where one is named', async () => {
    expect(await complete('apply', '-c', '')).toEqual([':files'])
    expect(await complete('set', 'chobolo', 'x')).toEqual([':files'])
  })

  it('is no name that would end its line or move the cursor', async () => {
    const hosts = await complete('apply', '-c', path.join(desk.folder, 'hostile/odd.yml'), '--limit', '')
    expect(hosts).toEqual(["it's", 'say "hi"', 'two words', 'group:front $(touch made); `touch made`'])
  })

  it('is nothing, and no error, where the Ch-obolo cannot be read', async () => {
    const broken = desk.write('broken.yml', 'fleet: [')
    expect(await complete('apply', '-c', broken, '--limit', '')).toEqual([])
  })
})

describe('the line that bash gives', () => {
  it('is parted as a shell parts it', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', ' ', '\\', '"', "'", '$', '@', ':', 'ü'), maxLength: 12 })
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 4 }), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
        expect(wordsOf(line)).toEqual(words)
      }),
    )
    expect(wordsOf(`chaos apply "a \\" b" c\\ d `)).toEqual(['chaos', 'apply', 'a " b', 'c d', ''])
  })

  it('gets a name as it must be written there, or not at all', () => {
    expect(["it's", '$(a)'].map((each) => quotedForBash(each, ''))).toEqual(["it\\'s", '\\$\\(a\\)'])
    expect(["it's", '$(a)', 'two words'].map((each) => quotedForBash(each, '"'))).toEqual(["it's", undefined, 'two words'])
    expect(["it's", '$(a)'].map((each) => quotedForBash(each, "'"))).toEqual([undefined, '$(a)'])
    expect([`chaos a "b`, `chaos 'a`, `chaos "a'" b`].map((line) => partedLine(line).quote)).toEqual(['"', "'", ''])
  })

  it('gets what stands behind its breaks', () => {
    expect(behindBreak('@docker/web', '@do', ' \t\n"\'@><=;|&(:')).toBe('@docker/web')
    expect(behindBreak('web1,@docker/web', 'web1,@do', '@:')).toBe('@docker/web')
    expect(behindBreak('group:front', 'group:f', ' :')).toBe('front')
    expect(behindBreak('web1', 'we', ' :')).toBe('web1')
  })
})

const START: Record<(typeof SHELLS)[number], readonly string[]> = { bash: ['--norc', '--noprofile', '-i'], zsh: ['-f', '-i'], fish: ['--no-config', '-i'] }
const READ: Record<(typeof SHELLS)[number], string> = { bash: 'eval "$(chaos completion bash)"', zsh: 'eval "$(chaos completion zsh)"', fish: 'chaos completion fish | source' }

function missing(shell: string): string | false {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, shell))) ? false : `needs ${shell}`
}

interface Shell {
  type(text: string): void
  shows(text: string): Promise<void>
  lines(): string[]
}

/** A shell that has read the completion, in a folder. */
async function atTerminal(shell: (typeof SHELLS)[number], cwd: string, use: (shell: Shell) => Promise<void>): Promise<void> {
  const screen = new headless.Terminal({ cols: 120, rows: 40, allowProposedApi: true })
  const env = { ...process.env, PATH: `${path.join(desk.folder, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: desk.folder, CHAOS_CONFIG_DIR: path.join(desk.folder, 'config'), TERM: 'xterm', PS1: '> ', LC_ALL: 'C.UTF-8' }
  const child = openPty(shell, [...START[shell]], { cols: 120, rows: 40, cwd, env })
  child.onData((text) => screen.write(text))
  // fish asks the terminal who it is, and waits for the answer.
  screen.onData((text) => child.write(text))
  const lines = (): string[] => Array.from({ length: screen.buffer.active.length }, (_, index) => screen.buffer.active.getLine(index)?.translateToString(true) ?? '')
  const shows = (text: string): Promise<void> => until(() => lines().some((line) => line.includes(text)), `${shell} shows ${text}`).catch((error: Error) => {
    throw new Error(`${error.message} It shows:\n${lines().filter(Boolean).join('\n')}`)
  })
  try {
    child.write(`${READ[shell]}; echo rea''dy\r`)
    await shows('ready')
    await use({ type: (text) => child.write(text), shows, lines })
  } finally {
    child.kill('SIGKILL')
  }
}

describe.each(SHELLS)('at a terminal with %s', (shell) => {
  it.skipIf(missing(shell))('a tab completes commands, roles, and hosts with an @ in them', () =>
    atTerminal(shell, desk.folder, async ({ type, shows, lines }) => {
      type('chaos compl\t')
      await shows('chaos completion')
      type('\u0015chaos apply ste\t')
      await shows('chaos apply steps')
      type('\u0015chaos apply --limit @do\t')
      await shows('chaos apply --limit @docker/web')
      expect(lines().join('\n')).not.toContain('error')
    }))

  it.skipIf(missing(shell))('a name that the shell would run stays a name', () =>
    atTerminal(shell, path.join(desk.folder, 'hostile'), async ({ type, shows }) => {
      type('chaos apply --dry --limit group:fr\t')
      await shows('touch')
      type('\r')
      await shows('group:front $(touch made); `touch made`')
      expect(existsSync(path.join(desk.folder, 'hostile/made'))).toBe(false)
    }))
})

describe('chaos completion', () => {
  it.each(SHELLS)('prints what %s can read', async (shell) => {
    const { code, stdout } = await desk.chaos(['completion', shell])
    expect(code).toBe(0)
    if (!missing(shell)) execFileSync(shell, ['-n', desk.write(`completion.${shell}`, stdout)])
  })

  it('knows the shell of $SHELL, as `chaos -t` did, and says what there is for another', async () => {
    expect((await desk.chaos(['-t'], { env: { SHELL: '/usr/bin/zsh' } })).stdout).toContain('#compdef chaos')
    const { code, stderr } = await desk.chaos(['completion', 'csh'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('chaos completion fish')])
  })
})
