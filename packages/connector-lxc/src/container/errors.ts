import { ChaosError } from '@chaos/core'
import type { Said } from '../lxc.ts'

/** What LXC has to say, without where in its source it says so. */
function reason({ stdout, stderr, code }: Said): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.replace(/^lxc-[a-z]+: [^:]*: \S+\.c: \w+: \d+ /, '').trim())
  return [...new Set(lines.filter(Boolean))].join('; ').slice(0, 500) || `code ${code}`
}

export function missing(host: string, name: string, said: Said, names: readonly string[]): ChaosError {
  const failed = (message: string, hint: string, code = 'LXC_FAILED'): ChaosError =>
    new ChaosError(code, { message, hint, host, details: { retry: false } })
  if (said.code === 127) return failed('There are no programs of LXC on the machine underneath.', 'Install the package lxc there.')
  if (/^sudo:/m.test(said.stderr)) return failed(`sudo did not make chaos root there: ${reason(said)}`, 'lxc_sudo needs a sudo that asks for no password.')
  if (names.includes(name)) return failed(`The container ${name} cannot be looked at: ${reason(said)}.`, 'The containers of root are for root alone: see lxc_sudo.')
  const there = names.length === 0 ? 'There are none that chaos can see.' : `There are ${names.join(', ')}.`
  return failed(`There is no container called ${name}. ${there}`, names.length === 0 ? 'Other users have containers of their own, and so have other folders: see lxc_sudo and lxc_path.' : 'Check the name: lxc-ls.', 'LXC_MISSING')
}

export function notStarted(host: string, name: string, said: Said): ChaosError {
  return new ChaosError('LXC_START', {
    message: `The container ${name} could not be started: ${reason(said)}.`,
    hint: `See what it says of itself: lxc-start -F -n ${name}.`,
    host,
    details: { retry: false },
  })
}

export function paused(host: string, name: string, state: string): ChaosError {
  const frozen = state === 'FROZEN'
  return new ChaosError('LXC_PAUSED', {
    message: `The container ${name} is ${frozen ? 'frozen' : `neither running nor stopped, but ${state}`}.`,
    hint: frozen ? `Let it go on: lxc-unfreeze -n ${name}.` : `See what becomes of it: lxc-info -n ${name}.`,
    host,
    details: { state, retry: false },
  })
}

export function noShell(host: string, name: string, said: Said): ChaosError {
  return new ChaosError('LXC_SHELL', {
    message: `No shell could be started in the container ${name}: ${reason(said)}.`,
    hint: 'chaos needs a /bin/sh in the container, and a user who may attach to it.',
    host,
    details: { retry: false },
  })
}

export function hasEnded(host: string, name: string): ChaosError {
  return new ChaosError('LXC_ENDED', {
    message: `The container ${name} has stopped while chaos worked in it.`,
    hint: 'What was under way there is unknown. It is not started again.',
    host,
    details: { retry: false },
  })
}

export function leftRunning(host: string, name: string, said?: Said, cause?: unknown): ChaosError {
  const why = said === undefined ? (cause instanceof Error ? cause.message : String(cause)) : reason(said)
  return new ChaosError('LXC_LEFT', { message: `The container ${name} could not be stopped again: ${why}.`, hint: `Stop it by hand: lxc-stop -n ${name}.`, host, cause })
}
