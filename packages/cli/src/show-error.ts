import { ChaosError, isChaosError } from '@chaos/core'
import type { Redactor } from '@chaos/engine'
import { EXIT } from './exit-codes.ts'
import { annotateError } from './render/annotations.ts'
import { errorLines } from './render/error.ts'
import { coloured, makeStyle } from './render/style.ts'

/** Things of the world that went wrong; everything else that is thrown is about usage or the Ch-obolo. */
const OF_THE_WORLD = /^(UNEXPECTED|AUTHENTICATION_|BOAT_FAILED|CHANGE_|CHROOT_|CONFIG_NOT|CONNECT_|CONNECTION_|CONTAINER_|DIAL_|ENGINE_|FACT_|HOST_KEY_|IMAGE_|KEY_(EXISTS|NO_IMPORT|NO_MEMORY|NOT_STORED|TEXT)|KNOWN_HOSTS_|LOCK|LXC_|OUTCOME_|PROCESS_LEFT|PROGRAM_|READ_|SECRETS_(CHANGED|DECLINED|EDITOR|NOT_WRITTEN|SOPS)|SESSION_|SHELL_|SOPS_(GPG|KEY_KIND|MAC|METADATA|NO_KEY|PLAIN|SHARES|VALUE)|SPAWN_|SSH_PROTOCOL|STYX_(BUSY|HASH|LOCK|NO_PLUGIN|NOT_WRITTEN|NPM|OTHER_PACKAGE|TARBALL|UNREACHABLE|REGISTRY_UNREACHABLE)|TERRAFORM_(FAILED|STATE)|VAGRANT_(FAILED|SSH|STOPPED)|VERIFY_)/

const redactors = new Set<Redactor>()

/** From now on what this redactor learns is in no error that ends a command, be it before, beside or after a run. */
export function tellWithout(redactor: Redactor): Redactor {
  redactors.add(redactor)
  return redactor
}

/** Shows an error that ended the command, and gives the exit code. Never a stack trace, unless CHAOS_DEBUG=1. */
export function showError(thrown: unknown, { json, code }: { json: boolean; code?: number }): number {
  const style = makeStyle(coloured(process.stderr))
  const error = isChaosError(thrown) ? thrown : unexpected(thrown)
  const report = [...redactors].reduce((all, redactor) => redactor.redactEvent(all), reportOf(error))
  if (json) {
    process.stdout.write(`${JSON.stringify({ type: 'error', version: 1, time: Date.now(), ...report })}\n`)
  } else {
    process.stderr.write(`${errorLines(report, { style, ...(error.host === undefined ? {} : { where: error.host }) }).join('\n')}\n`)
  }
  if (process.env['GITHUB_ACTIONS'] === 'true') annotateError(report)
  if (process.env['CHAOS_DEBUG'] === '1') process.stderr.write(`${[...redactors].reduce((all, redactor) => redactor.redact(all), stackOf(thrown))}\n`)
  if (error.code === 'INTERRUPTED') return EXIT.interrupted
  return code ?? (OF_THE_WORLD.test(error.code) ? EXIT.failed : EXIT.usage)
}

export function reportOf({ code, message, hint, position, details }: ChaosError): {
  code: string
  message: string
  hint?: string
  position?: NonNullable<ChaosError['position']>
  details?: Record<string, unknown>
} {
  return { code, message, ...(hint === undefined ? {} : { hint }), ...(position && { position }), ...(details && { details }) }
}

function unexpected(thrown: unknown): ChaosError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ChaosError('UNEXPECTED', {
    message: `Something went wrong that chaos did not expect: ${message}`,
    hint: 'This is a mistake in chaos or in a plugin. Run it again with CHAOS_DEBUG=1 and report what it prints.',
  })
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const cause = thrown.cause === undefined ? '' : `\ncaused by: ${stackOf(thrown.cause)}`
  return `${thrown.stack ?? thrown.message}${cause}`
}
