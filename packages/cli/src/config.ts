import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { PlainYaml } from '@chaos/chobolo'
import { ChaosError } from '@chaos/core'
import type { Aliases } from './aliases.ts'

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

/** The config; empty when there is none. */
export async function readConfig(file = configFile()): Promise<Config> {
  const text = await readText(file)
  if (text === undefined) return {}
  const { value = {} } = await parse(file, text)
  if (typeof value !== 'object' || Array.isArray(value)) throw notReadable(file, 'it is not a map')
  const { aliases, max_removals: removals, secret_plugins: granted, secret_providers: providers, secret_timeout: timeout, styx_registry: registry } = value as Record<string, unknown>
  if (aliases !== undefined && !isAliases(aliases)) throw notReadable(file, '`aliases` is not a map of names to tags')
  if (providers !== undefined && !isMap(providers)) throw notReadable(file, '`secret_providers` is not a map of providers and what they are told')
  if (granted !== undefined && !isTexts(granted)) throw notReadable(file, '`secret_plugins` is not a list of roles')
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0 && timeout <= 86_400)) throw notReadable(file, '`secret_timeout` is not a number of seconds, up to a day')
  if (removals !== undefined && !(Number.isInteger(removals) && (removals as number) >= 0)) throw notReadable(file, '`max_removals` is not a whole number')
  if (registry !== undefined && typeof registry !== 'string') throw notReadable(file, '`styx_registry` is not a text')
  return {
    ...(registry === undefined ? {} : { styx_registry: registry }),
    ...(providers === undefined ? {} : { secret_providers: providers }),
    ...(granted === undefined ? {} : { secret_plugins: granted }),
    ...(timeout === undefined ? {} : { secret_timeout: timeout }),
    ...(removals === undefined ? {} : { max_removals: removals as number }),
    ...filesOf(value as Record<string, unknown>, file),
    ...(aliases === undefined ? {} : { aliases }),
  }
}

function filesOf(config: Readonly<Record<string, unknown>>, file: string): Pick<Config, FileKey> {
  const found: Pick<Config, FileKey> = {}
  for (const key of FILE_KEYS) {
    const value = config[key]
    if (value === undefined) continue
    if (typeof value !== 'string') throw notReadable(file, `\`${key}\` is not a text`)
    found[key] = value
  }
  return found
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

function isAliases(value: unknown): value is Aliases {
  if (!isMap(value)) return false
  return Object.values(value).every((each) => typeof each === 'string' || isTexts(each))
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
