import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { ChaosError, isSecret, revealSecret } from '@chaos/core'
import type { Change, Command, Content, Diff, Fact, FactOutput, FileWrite, Host, Op } from '@chaos/core'

/** This machine as a host: facts are asked in `/bin/sh` or another shell, those asked together in one round. */
export interface RealHost extends Host {
  /** Rounds of questions so far. */
  readonly rounds: number
  /** Commands that were run to answer them. */
  readonly commands: number
}

export interface RealHostOptions {
  /** The program and arguments that read shell text on stdin. Default `sh`. */
  shell?: readonly string[]
  /** PATH of the shell. */
  path?: string
  directory?: string
  uid?: number
}

interface Ran {
  code: number
  stdout: Uint8Array
  stderr: string
}

export function realHost({ shell = ['sh'], path, directory = tmpdir(), uid }: RealHostOptions = {}): RealHost {
  const options = { shell, path, uid }
  const host = { rounds: 0, commands: 0 }
  let asked: { fact: Fact; settle: (value: unknown) => void; fail: (error: unknown) => void }[] = []
  let holding = 0
  const answers = new Map<string, Promise<unknown>>()
  const flush = () => {
    if (holding > 0 || asked.length === 0) return
    const round = asked
    asked = []
    host.rounds++
    answers.clear()
    for (const group of groupsOf(round)) {
      host.commands++
      const { fact } = group[0]!
      const outputs = fact.definition.many ? answerMany(group.map((each) => each.fact), options) : answerOne(fact, options)
      outputs.then(
        (found) => group.forEach((each, index) => void new Promise((settle) => settle(valueOf(each.fact, found[index]!))).then(each.settle, each.fail)),
        (error) => group.forEach((each) => each.fail(error)),
      )
    }
  }
  const result: Host = {
    name: '@real', data: { colour: 'green' }, groups: ['web'], os: osOf(),
    local: {
      directory,
      resolve: (file) => (isAbsolute(file) ? file : join(directory, file)),
      read: async (file) => readFileSync(file),
      async hold(work) {
        holding++
        try {
          return await work()
        } finally {
          holding--
          setImmediate(flush)
        }
      },
    },
    fact<T>(fact: Fact<T>) {
      const key = JSON.stringify([fact.name, fact.args])
      const known = answers.get(key)
      if (known) return known as Promise<T>
      const answer = new Promise<unknown>((settle, fail) => {
        asked.push({ fact, settle, fail })
        setImmediate(() => setImmediate(flush))
      })
      answers.set(key, answer)
      return answer as Promise<T>
    },
    as: () => result,
    protects: () => undefined,
        state: () => ({ items: {} }),
  }
  return Object.defineProperties(result, { rounds: { get: () => host.rounds }, commands: { get: () => host.commands } }) as RealHost
}

function groupsOf<T extends { fact: Fact }>(round: readonly T[]): T[][] {
  const groups: T[][] = []
  const shared = new Map<unknown, T[]>()
  for (const each of round) {
    const { definition } = each.fact
    const group = definition.many ? shared.get(definition) : undefined
    if (group) group.push(each)
    else {
      const fresh = [each]
      if (definition.many) shared.set(definition, fresh)
      groups.push(fresh)
    }
  }
  return groups
}

type Parse = (stdout: string, info: { code: number; stderr: string; bytes: Uint8Array }, ...args: unknown[]) => unknown

type Options = Parameters<typeof runShell>[2]

async function answerOne(fact: Fact, options: Options): Promise<FactOutput[]> {
  const { command } = fact.definition as unknown as { command: (...args: unknown[]) => Command }
  return [await runShell(command(...fact.args), undefined, options)]
}

async function answerMany(facts: readonly Fact[], options: Options): Promise<FactOutput[]> {
  const many = facts[0]!.definition.many as unknown as { command: (calls: unknown) => Command; split: (stdout: Uint8Array, calls: unknown) => FactOutput[] }
  const calls = facts.map(({ args }) => args)
  const ran = await runShell(many.command(calls), undefined, options)
  try {
    return many.split(ran.stdout, calls)
  } catch (error) {
    throw new Error(`${String(error)}; stderr: ${ran.stderr}`, { cause: error })
  }
}

function valueOf(fact: Fact, { stdout, code = 0, stderr = '' }: FactOutput): unknown {
  const { exit = [0], name } = fact.definition
  if (!exit.includes(code)) throw new ChaosError('FACT_FAILED', { message: `${name} ${JSON.stringify(fact.args)}: exit code ${code}: ${stderr}` })
  const bytes = typeof stdout === 'string' ? Buffer.from(stdout) : new Uint8Array(stdout)
  return (fact.definition.parse as unknown as Parse)(new TextDecoder().decode(bytes), { code, stderr, bytes }, ...fact.args)
}

/** What an operation finds to do. */
export async function diffOf(op: Op, host: Host): Promise<readonly Change[]> {
  const diff = await (op.definition as unknown as { diff: (args: unknown, host: Host) => Promise<Diff> }).diff(op.args, host)
  if ('later' in diff) throw new Error(`later: ${diff.later}`)
  return diff
}

/** Compares, applies, and gives the summaries of what was done. */
export async function apply(op: Op, host: Host = realHost()): Promise<string[]> {
  const changes = await diffOf(op, host)
  await applyChanges(changes)
  return changes.map(({ summary }) => summary)
}

/** Runs the steps of changes on this machine, simply. */
export async function applyChanges(changes: readonly Change[]): Promise<void> {
  for (const step of changes.flatMap((change) => change.do)) {
    if ('write' in step) await writeFile(step.write)
    else if ('fetch' in step) copyFileSync(step.fetch.from, step.fetch.to)
    else {
      const ran = await runShell(step.run, step.stdin)
      if (!(step.exit ?? [0]).includes(ran.code)) throw new Error(`${step.run.text}: exit code ${ran.code}: ${ran.stderr}`)
    }
  }
}

async function writeFile({ path, content, owner, group, mode, backup, validate }: FileWrite): Promise<void> {
  const old = existsSync(path) ? statSync(path) : undefined
  const temporary = join(dirname(path), `.real-host-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 8)}`)
  mkdirSync(dirname(path), { recursive: true })
  try {
    if (typeof content === 'object' && 'local' in content) copyFileSync(content.local, temporary)
    else writeFileSync(temporary, plain(content))
    chmodSync(temporary, mode === undefined ? (old ? old.mode & 0o7777 : 0o644) : parseInt(mode, 8))
    if (owner !== undefined) await check(spawnText(['chown', owner, temporary]))
    if (group !== undefined) await check(spawnText(['chgrp', group, temporary]))
    if (validate) await check(runShell(validate(temporary)))
    if (backup === true && old) copyFileSync(path, `${path}.20260101T000000~`)
    renameSync(temporary, path)
  } finally {
    rmSync(temporary, { force: true })
  }
}

async function check(running: Promise<Ran>): Promise<void> {
  const { code, stderr } = await running
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}`)
}

function plain(content: Content): string | Uint8Array {
  return isSecret(content) ? revealSecret(content) : content
}

function runShell(command: Command, stdin?: Content, { shell = ['sh'], path, uid }: { shell?: readonly string[] | undefined; path?: string | undefined; uid?: number | undefined } = {}): Promise<Ran> {
  return spawnText([...shell, '-c', command.text], stdin, path, uid)
}

function spawnText([program = '', ...args]: readonly string[], stdin?: Content, path?: string, uid?: number): Promise<Ran> {
  return new Promise((settle, fail) => {
    const child = spawn(program, args, { env: { PATH: path ?? process.env['PATH'], LC_ALL: 'C' }, ...(uid === undefined ? {} : { uid, gid: uid }) })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin === undefined ? undefined : plain(stdin))
    child.on('error', fail)
    child.on('close', (code) => settle({ code: code ?? 255, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() }))
  })
}

function osOf(): Host['os'] {
  const { uid, gid, username, homedir } = userInfo()
  return {
    id: 'debian', like: [], version: '12', name: 'Debian GNU/Linux 12', kernel: 'linux', release: '6', arch: 'x86_64', hostname: 'real', user: username, uid, gid,
    groups: [], home: homedir, init: 'none', packageManagers: [], tools: [], shell: 'dash', bootId: undefined, time: 0,
  }
}
