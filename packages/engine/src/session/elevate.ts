import { randomBytes } from 'node:crypto'
import { revealSecret, script } from '@chaos/core'
import type { ChaosError, Command, Process, Secret } from '@chaos/core'
import { elevationFailure } from './elevation-failure.ts'
import type { Way } from './elevation.ts'
import { afterLastWords } from './last-words.ts'
import type { Spawn } from './start.ts'
import { bridgeTerminal } from './terminal.ts'
import { quoted } from './text.ts'

/** PAM waits up to some seconds after a wrong password; directories of users over a network take their time too. */
const ANSWER = 60_000

export interface ElevateOptions {
  readonly way: Way
  readonly host: string
  /** As if nobody had been let through before. */
  readonly fresh: boolean
  readonly spawn: Spawn
  /** `wrong`: the one there is was refused before, and is not tried again. */
  readonly password: () => Promise<Secret | 'wrong' | undefined>
}

/**
 * A shell as another user. Nothing is sent until the new shell has said a word that only it can say (its halves stand apart in
 * the command, so that an echo or an error that quotes it does not match), or until a password is asked for; it is given once.
 * So a password can never be taken for a command, and is in no argument, environment or file.
 */
export async function elevate(options: ElevateOptions): Promise<Process> {
  const attempt = await dialogue(options, false)
  if ('process' in attempt) return attempt.process
  if (!attempt.wantsTerminal) throw attempt.error
  const onTerminal = await bridgeTerminal(options.way, options.spawn, () => dialogue(options, true))
  if ('process' in onTerminal) return onTerminal.process
  throw onTerminal.error
}

export type Attempt = { readonly process: Process } | { readonly error: ChaosError; readonly wantsTerminal: boolean }

/** One try of sudo, su or doas. */
async function dialogue({ way, host, fresh, spawn, password }: ElevateOptions, terminal: boolean): Promise<Attempt> {
  const prompt = `chaos${randomBytes(12).toString('hex')}`
  const [left, right] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')]
  const missing = `${left}missing`
  const begin = `${left}begin`
  const command = commandOf({ way, fresh, prompt, run: `echo ${left}""${right}; exec sh`, missing, begin: `${left}""begin`, terminal })
  const process = await spawn(command, terminal)
  process.stdin.on('error', () => {})
  let out = ''
  let err = ''
  let given = false
  const hear: { out: (chunk: Buffer) => void; err: (chunk: Buffer) => void } = { out: () => {}, err: () => {} }

  const outcome = await new Promise<'ready' | 'again' | 'none' | 'ended' | 'silent'>((resolve) => {
    const silent = setTimeout(() => resolve('silent'), ANSWER)
    const settle = (value: 'ready' | 'again' | 'none' | 'ended') => {
      clearTimeout(silent)
      resolve(value)
    }
    const look = () => {
      if (out.includes(left + right)) return settle('ready')
      const prompts = countPrompts(`${heard(begin, out)}\n${heard(begin, err)}`, way, prompt)
      if (prompts > 1) return settle('again')
      if (prompts === 0 || given) return
      given = true
      password().then(
        (secret) => {
          if (secret === undefined) return settle('none')
          if (secret === 'wrong') return settle('again')
          process.stdin.write(`${revealSecret(secret)}\n`)
        },
        () => settle('none'),
      )
    }
    hear.out = (chunk) => {
      out = since(begin, `${out}${chunk.toString('latin1')}`)
      look()
    }
    hear.err = (chunk) => {
      err = since(begin, `${err}${chunk.toString('latin1')}`)
      look()
    }
    process.stdout.on('data', hear.out)
    process.stderr.on('data', hear.err)
    void afterLastWords(process, process.exit.catch(() => {})).then(() => settle('ended'))
  })

  process.stdout.off('data', hear.out)
  process.stderr.off('data', hear.err)
  if (outcome === 'ready') return { process }
  process.stdin.destroy()
  const said = `${heard(begin, err)}${terminal ? heard(begin, out) : ''}`.replaceAll(prompt, '').trim()
  return elevationFailure({ way, host, outcome, given, said, missing: out.includes(missing), terminal })
}

interface Asked {
  readonly way: Way
  readonly fresh: boolean
  readonly prompt: string
  /** What the new shell runs. */
  readonly run: string
  readonly missing: string
  readonly begin: string
  readonly terminal: boolean
}

/** The program and its arguments. The password is never among them. */
function commandOf({ way, fresh, prompt, run, missing, begin, terminal }: Asked): Command {
  const user = quoted(way.user)
  const program = {
    sudo: `sudo ${fresh ? '-k ' : ''}-H -S -p ${prompt} -u ${user} -- sh -c ${quoted(run)}`,
    su: `su -s /bin/sh -c ${quoted(run)} ${user}`,
    // doas asks on a terminal alone; without one it is only tried whether it asks at all.
    doas: `doas ${terminal ? '' : '-n '}-u ${user} sh -c ${quoted(run)}`,
  }[way.method]
  return script(`command -v ${way.method} >/dev/null 2>&1 || { echo ${missing}; exit 127; }\necho ${begin}; echo ${begin} >&2\nexec env LC_ALL=C ${program}`)
}

// What the files of a login print comes first, and may look like a prompt: only what follows our word is the program's.
function since(begin: string, text: string): string {
  const at = text.lastIndexOf(begin)
  const from = Math.max(at, 0)
  return at < 0 || text.length - from < 20_000 ? text.slice(at < 0 ? -20_000 : from) : begin + text.slice(-20_000)
}

function heard(begin: string, text: string): string {
  return text.startsWith(begin) ? text.slice(begin.length) : ''
}

function countPrompts(text: string, way: Way, prompt: string): number {
  if (way.method === 'sudo') return text.split(prompt).length - 1
  const asked = way.method === 'su' ? /^Password: ?/gm : /^\r?doas \([^\n]*\) password: ?/gm
  return text.match(asked)?.length ?? 0
}
