import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { isChaosError, secret } from '@chaos/core'
import type { ChaosError, RunProgramOptions, Secret } from '@chaos/core'
import { pluginContext } from '@chaos/testkit'
import type { Run } from '../src/index.ts'

export const vector = (name: string): string => readFileSync(join(import.meta.dirname, 'vectors', name), 'utf8')

/** The published key of rops' references. */
export const ROPS = secret('AGE-SECRET-KEY-1EQUCGFZH8UZKSZ0Z5N5T234YRNDT4U9H7QNYXWRRNJYDDVXE6FWSCPGNJ7\n')
export const ROPS_RECIPIENT = 'age1se5ghfycr4n8kcwc3qwf234ymvmr2lex2a99wh8gpfx97glwt9hqch4569'
/** The published keys of sops' own tests. */
export const OTHER = secret('# created: 2020-07-18T03:16:47-07:00\nAGE-SECRET-KEY-1NJT5YCS2LWU4V4QAJQ6R4JNU7LXPDX602DZ9NUFANVU5GDTGUWCQ5T59M6\n')
export const OTHER_RECIPIENT = 'age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw'
export const THIRD = secret('AGE-SECRET-KEY-1T0Z66WSXS6RMNCPSL7P2E8N4Q7SUD8VMG9ND27S08JL7Y2XAU9EQECHDS7\n')
export const THIRD_RECIPIENT = 'age1tmaae3ld5vpevmsh5yacsauzx8jetg300mpvc4ugp5zr5l6ssq9sla97ep'
export const FLUX = secret('AGE-SECRET-KEY-1RH87A5Z54ZGUR9S0AS3R6WHFSEFNPLYMAKF5Z2CEU7R06VRJ0A3Q7242AM\n')
/** The published PGP key of sops' functional tests. */
export const PGP = 'FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4'

export const age = (...recipients: string[]) => recipients.map((id) => ({ kind: 'age', id }))

export const missing = (program: string, option = '--version'): string | undefined =>
  spawnSync(program, [option]).error ? `needs ${program}` : undefined

/** A GnuPG home of its own, with keys imported. Its agent ends with it. */
export function gnupg(...keys: string[]): { run: Run; env: Record<string, string>; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'chaos-gpg-'))
  const env = { GNUPGHOME: home }
  const { run } = pluginContext()
  for (const input of keys) {
    const imported = spawnSync('gpg', ['--batch', '--import'], { input, env: { ...process.env, ...env } })
    if (imported.status !== 0) throw new Error(imported.stderr.toString())
  }
  return {
    env,
    run: async (argv, options: RunProgramOptions = {}) => run(argv, { ...options, env: { ...options.env, ...env } }),
    remove() {
      spawnSync('gpgconf', ['--kill', 'gpg-agent'], { env: { ...process.env, ...env } })
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The error something fails with; that it is none of chaos is a failure. */
export async function failureOf(action: () => unknown): Promise<ChaosError> {
  try {
    await action()
  } catch (error) {
    if (isChaosError(error)) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** All that an error could show to anybody. */
export function shown(error: ChaosError): string {
  const causes: unknown[] = []
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) causes.push(cause.message, cause.stack)
  return [inspect(error, { depth: 9 }), JSON.stringify(error), ...causes].join('\n')
}

export const keysOf = (...identities: Secret[]) => ({ identities })
