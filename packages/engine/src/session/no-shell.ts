import { ChaosError } from '@chaos/core'

/** How long a login may take until it has a shell: files it reads may be on a slow network. */
export const GREETING = 60_000

export interface NoShell {
  readonly host: string
  /**
   * `unsupported`: an sh that cannot be used; `echo`: it repeats what it is told; `silent`: it says nothing of a shell;
   * a number: it ended with this code; undefined: it is gone.
   */
  readonly how: 'unsupported' | 'echo' | 'silent' | number | undefined
  readonly reason: string
  /** What the login printed, its end. */
  readonly stdout: string
  readonly stderr: string
}

/** Whether the shell's first word is our own text come back: a real one has filled it in. */
export function isEcho(greeting: string): boolean {
  return /[$;]/.test(greeting)
}

/** Tells apart why a login led to no shell. */
export function noShell({ host, how, reason, stdout, stderr }: NoShell): ChaosError {
  if (how === 'unsupported') {
    return new ChaosError('SHELL_UNSUPPORTED', {
      message: `The sh of ${host} has neither a builtin printf nor a builtin print.`,
      hint: 'Install dash, bash, busybox or mksh as /bin/sh there.',
      host,
    })
  }
  // 255 is what programs that bring commands to other machines end with themselves.
  if (how === undefined || how === 255) {
    return new ChaosError('CONNECTION_LOST', {
      message: `No shell could be started on ${host}: ${reason}`,
      hint: 'Look at what the login prints: details.stderr has it.',
      host,
      details: { stderr },
    })
  }
  const said = lastLine(stderr) ?? lastLine(stdout)
  const does = how === 'echo' ? 'repeats what it is told' : `${said === undefined ? 'says nothing' : `says '${said}'`} and ${how === 'silent' ? 'goes on' : `ends with code ${how}`}`
  return new ChaosError('NO_SHELL', {
    message: `The login on ${host} leads to no shell: it ${does}.`,
    hint: hintOf(how, `${stdout}\n${stderr}`),
    host,
    details: { stdout, stderr, retry: false },
  })
}

function hintOf(how: NoShell['how'], said: string): string {
  if (/password.{0,40}(expired|change)|change your password/i.test(said)) return 'The password has expired: log in by hand and change it, or let an administrator do it (chage).'
  if (how === 126 || how === 127) return 'An sh is needed there, and found.'
  return 'The login shell may be nologin or false, or a forced command stands in its place. Log in as someone else, or give this user a shell (chsh).'
}

/** A line that can be shown: no control characters, not too long. */
function lastLine(text: string): string | undefined {
  const line = text.split('\n').map((each) => each.replace(/\p{Cc}/gu, '').trim()).findLast((each) => each !== '')
  return line !== undefined && line.length > 200 ? `${line.slice(0, 200)}…` : line
}
