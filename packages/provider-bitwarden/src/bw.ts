import { readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { ChaosError, isChaosError } from '@chaos/core'
import type { ProviderContext, RunProgramOptions } from '@chaos/core'
import type { BitwardenConfig } from './config.ts'

/** Seconds. */
const TIMEOUT = 60
/** Bytes: a whole vault. */
const MAX_OUTPUT = 256 * 1024 * 1024
/** What else the user's environment may say would change what bw prints and ends with. */
const PLAIN = { BW_RESPONSE: '', BW_QUIET: '', BW_PRETTY: '', BW_CLEANEXIT: '' }

export const settings = (context: ProviderContext): BitwardenConfig => context.config ?? {}

/**
 * Runs bw, and gives what it printed. Throws `BW_MISSING`, `BW_LOCKED`, `BW_LOGGED_OUT`, `BW_FAILED`, `BW_SESSION_FILE`, `PROGRAM_TIMEOUT`.
 * What bw says is never passed on: it may hold what it was given.
 */
export async function bw(args: readonly string[], context: ProviderContext, stdin: Pick<RunProgramOptions, 'stdin'> = {}): Promise<string> {
  const { session_file: file, timeout = TIMEOUT } = settings(context)
  const env = { ...PLAIN, ...(file !== undefined && { BW_SESSION: await sessionIn(file) }) }
  const { code, stdout, stderr } = await context.run(['bw', ...args, '--nointeraction', '--raw'], { ...stdin, env, timeout, maxOutput: MAX_OUTPUT }).catch((error: unknown) => {
    throw isChaosError(error) && error.code === 'PROGRAM_MISSING' ? missing() : error
  })
  if (code === 0) return stdout
  const command = `bw ${args.join(' ')}`
  if (/vault is locked/i.test(stderr)) throw locked(file)
  if (/not logged in/i.test(stderr)) throw new ChaosError('BW_LOGGED_OUT', { message: 'Nobody is logged in to Bitwarden: bw has no vault here.', hint: 'bw login, and then: export BW_SESSION=$(bw unlock --raw)' })
  throw new ChaosError('BW_FAILED', { message: `${command} ended with ${code}.`, hint: 'Run it by hand: what it says is not shown here, because it may hold secrets.', details: { command, code } })
}

function missing(): ChaosError {
  return new ChaosError('BW_MISSING', { message: 'The program bw is not there.', hint: 'Install the command line of Bitwarden: npm install --global @bitwarden/cli', details: { program: 'bw' } })
}

function locked(file: string | undefined): ChaosError {
  return new ChaosError('BW_LOCKED', {
    message: `The vault is locked: ${file === undefined ? (process.env['BW_SESSION'] ? 'BW_SESSION is of another session' : 'BW_SESSION is not set') : `${file} is of another session`}.`,
    hint: file === undefined ? 'export BW_SESSION=$(bw unlock --raw)' : `(umask 077; bw unlock --raw > ${file})`,
  })
}

async function sessionIn(given: string): Promise<string> {
  const file = path.resolve(given.startsWith('~/') ? path.join(os.homedir(), given.slice(2)) : given)
  const hint = `(umask 077; bw unlock --raw > ${given})`
  const refused = (why: string): ChaosError => new ChaosError('BW_SESSION_FILE', { message: `The session cannot be read from ${file}: ${why}.`, hint, details: { file } })
  try {
    if (((await stat(file)).mode & 0o077) !== 0) throw refused('others may read or change it')
    const session = (await readFile(file, 'utf8')).trim()
    // Else bw would be given none, and the vault would seem locked.
    if (!/^[A-Za-z0-9+/]+=*$/.test(session)) throw refused('it holds no session')
    return session
  } catch (error) {
    if (isChaosError(error)) throw error
    const { code } = error as NodeJS.ErrnoException
    throw refused(code === 'ENOENT' ? 'it is not there' : (code ?? 'unknown reason'))
  }
}
