import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it, vi } from 'vitest'
import { script, sh } from '@chaos/core'
import type { Connection, Process } from '@chaos/core'
import { openSession } from '../../src/session/index.ts'
import { localConnection } from './local-connection.ts'
import type { LocalConnection } from './local-connection.ts'

const opened: Connection[] = []

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(opened.splice(0).map((connection) => connection.close({ outcome: 'done' })))
})

/** What comes of a login that runs something else than what it is asked for. */
async function trouble(login: string): Promise<{ code?: string; message: string; hint?: string; details?: unknown }> {
  const local = localConnection('dash')
  opened.push(local)
  const session = await openSession({ ...local, spawn: (_, options) => local.spawn(script(login), options) }, { host: 'web', password: async () => undefined })
  return session.exchange([{ as: {}, parts: [{ kind: 'command', command: sh`echo never` }] }]).then(
    (answers) => ({ message: JSON.stringify(answers) }),
    (error: { code?: string; message: string }) => error,
  )
}

it('says what a login says that leads to no shell', async () => {
  expect(await trouble('echo This account is currently not available.; exit 1')).toMatchObject({
    code: 'NO_SHELL',
    message: `The login on web leads to no shell: it says 'This account is currently not available.' and ends with code 1.`,
    hint: expect.stringContaining('nologin') as string,
    details: { stdout: 'This account is currently not available.\n', stderr: '', retry: false },
  })
  expect((await trouble('exit 1')).message).toBe('The login on web leads to no shell: it says nothing and ends with code 1.')
  expect((await trouble('echo out; echo err >&2; exit 3')).message).toBe(`The login on web leads to no shell: it says 'err' and ends with code 3.`)
  expect((await trouble(String.raw`printf 'a\033[31mb\007\n\n'`)).message).toBe(`The login on web leads to no shell: it says 'a[31mb' and ends with code 0.`)
})

it('knows an expired password, and an sh that is not there', async () => {
  expect(await trouble('echo "WARNING: Your password has expired." >&2; echo "Password change required but no TTY available." >&2; exit 1')).toMatchObject({
    message: `The login on web leads to no shell: it says 'Password change required but no TTY available.' and ends with code 1.`,
    hint: expect.stringContaining('chage') as string,
  })
  expect(await trouble('echo sh: not found >&2; exit 127')).toMatchObject({ code: 'NO_SHELL', hint: 'An sh is needed there, and found.' })
})

it('is not taken in by a login that repeats what it is told', async () => {
  expect((await trouble('echo hello; cat')).message).toBe('The login on web leads to no shell: it repeats what it is told.')
})

it('gives up a login that goes on without a shell', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const waiting = trouble('echo "1) Menu"; exec sleep 4325')
  const ended = waiting.then(() => true)
  for (let i = 0; i < 100 && (await Promise.race([ended, new Promise((resolve) => setImmediate(resolve, false))])) === false; i += 1) {
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect((await waiting).message).toMatch(/^The login on web leads to no shell: it (says '1\) Menu'|says nothing) and goes on\.$/)
})

it('takes a program that brings commands to other machines, and failed, for a lost connection', async () => {
  expect(await trouble('echo lost >&2; exit 255')).toMatchObject({ code: 'CONNECTION_LOST', details: { stderr: 'lost\n' } })
})

/** What a process says on stderr comes two seconds after the news of its end, as it may over a connection. */
function late({ stderr, ...process }: Process): Process {
  const out = new PassThrough()
  void text(stderr).then((said) => setTimeout(() => out.end(said), 2_000))
  return { ...process, stderr: out }
}

/** Lets time go on until work is over, from when all that was spawned has ended: that takes its own time. */
async function inNoTime<T>(work: Promise<T>, { children }: LocalConnection): Promise<T> {
  work.catch(() => {})
  while (children.length === 0 || children.some(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) await new Promise((resolve) => setImmediate(resolve))
  const over = new AbortController()
  const end = (): void => over.abort()
  work.then(end, end)
  while (!over.signal.aborted) {
    await vi.advanceTimersByTimeAsync(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return work
}

it('waits for the reason where the news of the end comes before it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const local = localConnection('dash')
  opened.push(local)
  const session = await openSession({ ...local, spawn: async () => late(await local.spawn(script('echo err >&2; exit 3'))) }, { host: 'web', password: async () => undefined })
  await expect(inNoTime(session.exchange([{ as: {}, parts: [] }]), local)).rejects.toThrow(`The login on web leads to no shell: it says 'err' and ends with code 3.`)
})

it('waits for what doas says against it, which may be that it wants a terminal', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const bin = mkdtempSync(join(tmpdir(), 'chaos-doas-'))
  writeFileSync(join(bin, 'doas'), '#!/bin/sh\necho "doas: Authentication required" >&2\nexit 1\n', { mode: 0o755 })
  const local = localConnection('dash')
  opened.push(local)
  const spawn: Connection['spawn'] = async (command, options) => {
    if (options?.terminal === true) throw new Error('here is none')
    return late(await local.spawn(script(`PATH=${bin}:$PATH; ${command.text}`), options))
  }
  try {
    const session = await openSession({ ...local, spawn }, { host: 'web', password: async () => undefined })
    await expect(inNoTime(session.exchange([{ as: { doas: true }, parts: [] }]), local)).rejects.toThrow('here is none')
  } finally {
    rmSync(bin, { recursive: true })
  }
})
