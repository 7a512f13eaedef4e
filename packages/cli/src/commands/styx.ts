import { ChaosError } from '@chaos/core'
import { userFolder } from '@chaos/discovery'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import type { StyxOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { escapeLine } from '../render/escape.ts'
import { coloured, makeStyle } from '../render/style.ts'
import { listenForSignals } from '../signals.ts'
import { besideOf } from '../styx/beside.ts'
import { readLock } from '../styx/installed.ts'
import type { LockFile } from '../styx/installed.ts'
import { destroy, invoke } from '../styx/invoke.ts'
import { entryOf, readRegistry } from '../styx/registry.ts'
import type { Entry, Registry } from '../styx/registry.ts'
import { verify } from '../styx/verify.ts'

type Action = 'list' | 'invoke' | 'destroy' | 'update' | 'verify'

/** `chaos styx list | invoke | destroy | update | verify`: reviewed plugins, in the user's own folder. */
export async function run(action: Action, words: readonly string[], options: StyxOptions): Promise<number> {
  const folder = userFolder(process.env)
  const installed = await readLock(folder)
  const signals = listenForSignals((text) => process.stderr.write(`${text}\n`))
  try {
    return await act(action, { folder, installed, words, options, signal: signals.signal })
  } catch (error) {
    if (!signals.signal.aborted) throw error
    process.stderr.write('Interrupted: nothing was changed.\n')
    return EXIT.interrupted
  } finally {
    signals.close()
  }
}

interface Acting {
  readonly folder: string
  readonly installed: LockFile
  readonly words: readonly string[]
  readonly options: StyxOptions
  readonly signal: AbortSignal
}

async function act(action: Action, { folder, installed, words, options, signal }: Acting): Promise<number> {
  switch (action) {
    case 'list':
      return list(options.installed ? undefined : await registryOf(options), installed, words, options)
    case 'invoke':
      return invokeThem(folder, words, options, signal)
    case 'update':
      return update(folder, installed, words, options, signal)
    case 'destroy':
      return destroyThem(folder, installed, words, options, signal)
    case 'verify':
      return verifyThem(folder, installed, words, options, signal)
  }
}

async function registryOf({ registry }: StyxOptions): Promise<Registry> {
  return readRegistry(registry, await readConfig())
}

function print(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

function list(registry: Registry | undefined, installed: LockFile, words: readonly string[], { json }: StyxOptions): number {
  const style = makeStyle(coloured(process.stdout))
  const all: readonly Entry[] = registry?.entries ?? Object.entries(installed).map(([title, { package: name, version, integrity, from }]) => ({ title, name, version, hash: integrity, from }))
  const shown = words.length === 0 || !registry ? all : words.map((word) => entryOf(registry, word))
  const rows = shown.map(({ title, name, version, about, repo, hash }) => ({ title, package: name, version, ...(about === undefined ? {} : { about }), ...(repo === undefined ? {} : { repo }), hash, installed: installed[title]?.version ?? null }))
  if (json) print([JSON.stringify(rows, null, 2)])
  else {
    print(rows.flatMap((row) => {
      const mark = row.installed === null ? '' : row.installed === row.version ? style.green('  installed') : style.yellow(`  installed ${escapeLine(row.installed)}`)
      const details = [row.about, row.repo, `${row.package}  ${row.hash.slice(0, 20)}…`].filter((each) => each !== undefined)
      return [`${style.bold(escapeLine(row.title))} ${escapeLine(row.version)}${mark}`, ...details.map((each) => style.dim(`  ${escapeLine(each)}`))]
    }))
  }
  return EXIT.done
}

async function invokeThem(folder: string, words: readonly string[], options: StyxOptions, signal: AbortSignal): Promise<number> {
  const registry = await registryOf(options)
  return install(folder, registry, words.map((word) => entryOf(registry, word)), signal)
}

async function install(folder: string, registry: Registry, entries: readonly Entry[], signal: AbortSignal): Promise<number> {
  const style = makeStyle(coloured(process.stderr))
  for (const each of await invoke(folder, entries, registry.place, signal)) {
    process.stderr.write(`${style.green('✔')} ${each.package} ${each.version}  ${style.dim(each.integrity.slice(0, 20))}…\n`)
    const beside = await besideOf(folder, each.package)
    if (beside.length > 0) process.stderr.write(`${style.yellow('!')} no hash covers what npm chose with it: ${escapeLine(beside.join(', '))}\n`)
  }
  return EXIT.done
}

async function update(folder: string, installed: LockFile, words: readonly string[], options: StyxOptions, signal: AbortSignal): Promise<number> {
  const registry = await registryOf(options)
  for (const word of words) mustBeInstalled(installed, word)
  const wanted = words.length === 0 ? Object.keys(installed) : words
  const style = makeStyle(coloured(process.stderr))
  const entries = wanted.flatMap((title) => {
    const entry = registry.entries.find((each) => each.title === title)
    if (!entry) process.stderr.write(`${style.yellow('!')} the registry no longer has ${title}; it stays as it is\n`)
    return entry && entry.version !== installed[title]?.version ? [entry] : []
  })
  if (entries.length === 0) {
    process.stderr.write('Everything is as the registry has it.\n')
    return EXIT.done
  }
  for (const { title, version } of entries) process.stderr.write(`${style.cyan('~')} ${title} ${installed[title]?.version} → ${version}\n`)
  if (!(await agreed('Install them?', options))) return EXIT.failed
  return install(folder, registry, entries, signal)
}

async function destroyThem(folder: string, installed: LockFile, words: readonly string[], options: StyxOptions, signal: AbortSignal): Promise<number> {
  for (const word of words) mustBeInstalled(installed, word)
  if (!(await agreed(`Remove ${words.join(', ')}?`, options))) return EXIT.failed
  await destroy(folder, words, signal)
  const style = makeStyle(coloured(process.stderr))
  for (const word of words) process.stderr.write(`${style.red('-')} ${word}\n`)
  return EXIT.done
}

async function verifyThem(folder: string, installed: LockFile, words: readonly string[], options: StyxOptions, signal: AbortSignal): Promise<number> {
  for (const word of words) mustBeInstalled(installed, word)
  if (Object.keys(installed).length === 0) process.stderr.write('Nothing is installed by styx.\n')
  const registry = await registryOf(options).catch(() => undefined)
  const verdicts = []
  for (const [title, each] of Object.entries(installed)) {
    if (words.length === 0 || words.includes(title)) verdicts.push(await verify(folder, title, each, registry, signal))
  }
  const bad = verdicts.some((each) => each.integrity === 'changed' || each.signature === 'invalid' || each.provenance === 'invalid' || each.registry === 'withdrawn')
  if (options.json) print([JSON.stringify(verdicts, null, 2)])
  else {
    const style = makeStyle(coloured(process.stdout))
    const tone = (word: string): string => (word === 'verified' || word === 'reviewed' ? style.green(word) : word === 'not verified' ? style.yellow(word) : style.red(word))
    print(verdicts.flatMap((each) => [
      `${style.bold(each.title)} ${each.version}  integrity ${tone(each.integrity)} · registry ${tone(each.registry)} · signature ${tone(each.signature)} · provenance ${tone(each.provenance)}`,
      ...each.notes.map((note) => style.dim(`  ${escapeLine(note)}`)),
    ]))
  }
  return bad ? EXIT.failed : EXIT.done
}

async function agreed(question: string, { yes }: StyxOptions): Promise<boolean> {
  if (yes) return true
  if (!canAsk()) throw new ChaosError('USAGE', { message: `${question} There is no terminal to ask on.`, hint: 'Say it beforehand: --yes' })
  return (await askYesNo(question, { initial: false })) === true
}

function mustBeInstalled(installed: LockFile, title: string): void {
  if (Object.hasOwn(installed, title)) return
  throw new ChaosError('STYX_NOT_INSTALLED', { message: `${title} is not installed by styx.`, hint: Object.keys(installed).length === 0 ? 'Nothing is.' : `There is: ${Object.keys(installed).join(', ')}` })
}
