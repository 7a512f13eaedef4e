import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import type { Elevation } from '@chaos/core'
import { noSshd, startSshd } from '@chaos/testkit'
import type { Sshd } from '@chaos/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { closeLogins, login, troubleOf } from './login.ts'

const missing = ['sudo', 'doas', 'su', 'busybox'].filter((program) => !existsSync(`/usr/bin/${program}`))
const reason = noSshd() ?? (missing.length > 0 ? `needs ${missing.join(', ')}` : undefined)

// Nobody else on this machine has it.
const MARK = randomBytes(12).toString('hex')
const CANARY = { ada: `of-ada-${MARK}`, root: `of-root-${MARK}`, wrong: `wrong-${MARK}` } as const

describe.skipIf(reason !== undefined)(`a password for elevation${reason === undefined ? '' : ` (${reason})`}`, { timeout: 240_000 }, () => {
  let sshd: Sshd

  beforeAll(async () => {
    const sudoers = 'Defaults timestamp_timeout=0, log_input, log_output, !compress_io\nDefaults:bob requiretty, use_pty\nada ALL=(ALL) ALL\nbob ALL=(ALL) ALL\n'
    const users = { ada: { password: CANARY.ada, shell: '/bin/bash' }, bob: { password: CANARY.ada } }
    sshd = await startSshd({ users, rootPassword: CANARY.root, sudoers, doas: 'permit ada\n' })
    await sshd.run('busybox syslogd -O /var/log/auth.log; until [ -e /dev/log ]; do sleep 0.01; done')
  })
  afterEach(closeLogins)
  afterAll(() => sshd?.close())

  const ways: readonly (readonly [string, string, Elevation, string])[] = [
    ['sudo', 'ada', { sudo: true }, CANARY.ada],
    ['sudo', 'bob', { sudo: true }, CANARY.ada],
    ['sudo', 'bob', { sudoUser: 'ada' }, CANARY.ada],
    ['doas', 'ada', { doas: true }, CANARY.ada],
    ['su', 'ada', { su: true }, CANARY.root],
  ]

  it.each(ways)('is in no argument and no environment while %s of %s runs as %o, and nowhere afterwards', async (program, user, as, password) => {
    const watch = watching()
    const right = await login(sshd, user, { password: () => password })
    expect(await right.run('id -un', as)).toEqual([0, `${as.sudoUser ?? 'root'}\n`, ''])
    const wrong = await login(sshd, user, { password: () => CANARY.wrong })
    const error = await troubleOf(wrong.run('id', as))
    await closeLogins()
    const { programs, found, folders } = watch.end()
    // It did look while there was something to see.
    expect(programs).toContain(program)
    expect(found).toEqual([])
    // Where the pipes of a terminal's shell lay, everybody could have opened them who knew.
    expect(folders).toEqual([])
    expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain(MARK)
    expect(sshd.log()).not.toContain(MARK)
    // What a search must find, so that one that finds nothing else has searched.
    const mark = `${MARK.slice(0, 9)}""${MARK.slice(9)}`
    const search = `printf %s ${mark} >/var/tmp/control; grep -rlaF ${mark} /etc /home /root /tmp /var/tmp /var/log /run /dev/shm 2>/dev/null; :`
    expect(await sshd.run(search)).toBe('/var/tmp/control\n')
    expect(await sshd.run('cat /var/log/auth.log')).toContain('authentication failure')
  })
})

/** Looks through the arguments and environments of all processes, those of throw-away machines among them, until the end. */
function watching(): { end(): { programs: string[]; found: string[]; folders: string[] } } {
  const programs = new Set<string>()
  const found = new Set<string>()
  const folders = new Set<string>()
  const look = (): void => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      const args = textOf(pid, 'cmdline')
      for (const text of [args, textOf(pid, 'environ')]) if (text.includes(MARK)) found.add(`${pid} ${args.replaceAll('\0', ' ')}`)
      if (/\/chaos-(?!XXXXXX)\w{12,24}\b/.test(args) && !args.startsWith('rmdir\0')) folders.add(args.replaceAll('\0', ' '))
      programs.add(textOf(pid, 'comm').trim())
    }
  }
  const timer = setInterval(look, 5)
  return {
    end() {
      look()
      clearInterval(timer)
      return { programs: [...programs], found: [...found], folders: [...folders] }
    },
  }
}

function textOf(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    // It has ended in the meantime.
    return ''
  }
}
