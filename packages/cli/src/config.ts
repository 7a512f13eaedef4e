import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { PlainYaml, Problem } from '@chaos/chobolo'
import { ChaosError } from '@chaos/core'
import type { Aliases } from './aliases.ts'
import { unknownKeys } from './config-unknown.ts'

/** What `config.yml` may say, as far as this version reads it. */
export interface Config {
  chobolo_file?: string
  /** The secrets file, and the config of sops. */
  secrets_file?: string
  sops_file?: string
  aliases?: Aliases
  /** Where the registry of plugins is: a URL or a path. */
  styx_registry?: string
  /** What providers are told, by their names. */
  secret_providers?: Readonly<Record<string, unknown>>
  /** Roles in the short form that get all secrets of the secrets file. */
  secret_plugins?: readonly string[]
  /** Seconds that a provider may take for one secret. Default 120. */
  secret_timeout?: number
  /** As `--max-removals`. */
  max_removals?: number
}

const FILE_KEYS = ['chobolo_file', 'secrets_file', 'sops_file'] as const
export type FileKey = (typeof FILE_KEYS)[number]

/** `$CHAOS_CONFIG_DIR`, else `$XDG_CONFIG_HOME/chaos`, else `~/.config/chaos`. */
export function configDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env['CHAOS_CONFIG_DIR'] || path.join(env['XDG_CONFIG_HOME'] || path.join(os.homedir(), '.config'), 'chaos')
}

export function configFile(env?: NodeJS.ProcessEnv): string {
  return path.join(configDirectory(env), 'config.yml')
}

/** What the value of a key must be, besides the names of files. */
const KEYS: Readonly<Record<Exclude<keyof Config, FileKey>, readonly [fits: (value: unknown) => boolean, what: string]>> = {
  aliases: [isAliases, 'a map of names to tags'],
  secret_providers: [isMap, 'a map of providers and what they are told'],
  secret_plugins: [isTexts, 'a list of roles'],
  secret_timeout: [(value) => typeof value === 'number' && value > 0 && value <= 86_400, 'a number of seconds, up to a day'],
  max_removals: [(value) => Number.isInteger(value) && (value as number) >= 0, 'a whole number'],
  styx_registry: [isText, 'a text'],
}

/** A config, and where it says what. */
export interface OpenConfig {
  readonly config: Config
  /** Keys that mean nothing. */
  readonly unknown: readonly Problem[]
  /** Where a key stands, as a problem tells it. */
  place(path: readonly PropertyKey[]): Pick<Problem, 'position'>
}

/** The config; empty when there is none. */
export async function readConfig(file?: string): Promise<Config> {
  return (await openConfig(file)).config
}

export async function openConfig(file = configFile()): Promise<OpenConfig> {
  const text = await readText(file)
  if (text === undefined) return { config: {}, unknown: [], place: () => ({}) }
  const { value = {}, position } = await parse(file, text)
  if (!isMap(value)) throw notReadable(file, 'it is not a map')
  const config: Record<string, unknown> = {}
  const known = [...Object.entries(KEYS), ...FILE_KEYS.map((each) => [each, [isText, 'a text']] as const)]
  for (const [key, [fits, what]] of known) {
    if (value[key] === undefined) continue
    if (!fits(value[key])) throw notReadable(file, `\`${key}\` is not ${what}`, position([key]))
    config[key] = value[key]
  }
  return {
    config,
    unknown: unknownKeys(value, { file, known: known.map(([key]) => key), position }),
    place: (path) => ({ position: { file, ...position(path) } }),
  }
}

/** What a command remembers, by its path. */
type ConfigPath = readonly [FileKey] | readonly ['secret_providers', string, string]

/** Changes one key and leaves everything else, comments too, as it is. */
export async function setConfig(at: ConfigPath, value: string, file = configFile()): Promise<void> {
  const text = (await parse(file, (await readText(file)) ?? '')).with(at, value)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}~`
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' })
    await rename(temporary, file)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw new ChaosError('CONFIG_NOT_WRITTEN', { message: `${file} could not be written: ${(cause as Error).message}.`, cause })
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw notReadable(file, (error as Error).message)
  }
}

async function parse(file: string, text: string): Promise<PlainYaml> {
  const { plainYaml } = await import('@chaos/chobolo')
  const read = await plainYaml(text)
  if (read.mistake) throw notReadable(file, read.mistake.message, read.mistake)
  return read
}

function notReadable(file: string, why: string, at: { line?: number; column?: number } = {}): ChaosError {
  return new ChaosError('CONFIG_INVALID', {
    message: `The config ${file} cannot be used: ${why}.`,
    hint: 'Correct it, or remove it.',
    ...(at.line !== undefined && { position: { file, line: at.line, column: at.column ?? 1 } }),
  })
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isAliases(value: unknown): value is Aliases {
  if (!isMap(value)) return false
  return Object.values(value).every((each) => isText(each) || isTexts(each))
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}
