import { execFile } from 'node:child_process'
import { constants, openSync } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { quote, revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { question } from './prompts.ts'

/** Answers what one ssh asks, from this process: no argument, environment or file ever holds the answer. */
export interface Askpass {
  /** The program for SSH_ASKPASS. */
  readonly program: string
  /** What was answered, and what was not: one line each. */
  readonly given: ReadonlySet<'password' | 'passphrase'>
  readonly unanswered: readonly string[]
  close(): Promise<void>
}

export interface AskpassOptions {
  readonly folder: string
  /** Tells several in one folder apart. */
  readonly name: string
  readonly password: Secret | undefined
  readonly keyPassword: Secret | undefined
  /** A password is asked for once more: the first one was wrong. ssh is to be ended, so that no second try reaches the host. */
  readonly again: () => void
}

/** SSH_ASKPASS is a program. Ours hands the question to chaos through one named pipe, and takes the answer out of another. */
export async function createAskpass({ folder, name, password, keyPassword, again }: AskpassOptions): Promise<Askpass> {
  const path = (what: string): string => join(folder, `${what}-${name}`)
  const [program, ask, answer] = [path('askpass'), path('ask'), path('answer')]
  await promisify(execFile)('mkfifo', ['-m', '600', ask, answer])
  await writeFile(program, script(ask, answer), { mode: 0o700 })
  // Open for both, a pipe neither blocks whoever opens it nor ends when one question is over.
  const questions = openSync(ask, constants.O_RDWR | constants.O_NONBLOCK)
  const answers = await open(answer, constants.O_RDWR | constants.O_NONBLOCK)
  const socket = new Socket({ fd: questions, readable: true, writable: false })

  const given = new Set<'password' | 'passphrase'>()
  const keys = new Set<string>()
  const unanswered: string[] = []

  const reply = (hint: string, text: string): Secret | undefined => {
    const asked = question(hint, text)
    if (asked.kind === 'password' && password !== undefined) {
      if (given.has('password')) {
        again()
        return undefined
      }
      given.add('password')
      return password
    }
    if (asked.kind === 'passphrase' && keyPassword !== undefined && !keys.has(asked.key)) {
      keys.add(asked.key)
      given.add('passphrase')
      return keyPassword
    }
    unanswered.push(oneLine(text))
    return undefined
  }

  let heard = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
    for (let end = heard.indexOf(0); end >= 0; end = heard.indexOf(0)) {
      const text = heard.toString('utf8', 0, end)
      heard = heard.subarray(end + 1)
      const line = text.indexOf('\n')
      const secret = reply(text.slice(0, line), text.slice(line + 1))
      void answers.write(secret === undefined ? 'no\n' : `yes\n${revealSecret(secret)}\n`).catch(() => {})
    }
  })

  return {
    program,
    given,
    unanswered,
    async close() {
      socket.destroy()
      await answers.close()
    },
  }
}

/** `read` takes a line and not a byte more; what follows goes straight to ssh. The pipes are opened for both, which waits for nobody. */
function script(ask: string, answer: string): string {
  return `#!/bin/sh
# Asks chaos, which holds the answer; this file does not.
printf '%s\\n%s\\0' "$SSH_ASKPASS_PROMPT" "$1" 1<>${quote(ask)}
exec <${quote(answer)}
read -r verdict && [ "$verdict" = yes ] && exec head -n 1
exit 1
`
}

/** A server may write anything into its prompt. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e\u{a0}-\u{10ffff}]+/gu, ' ').trim().slice(0, 200)
}
