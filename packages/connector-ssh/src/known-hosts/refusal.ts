import { ChaosError, quote } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import type { KnownKey, Verdict } from './contract.ts'
import { fingerprint, keyType } from './key.ts'

type RefusalSettings = Pick<Settings, 'name' | 'knownAs'>
type Refused = Exclude<Verdict, { state: 'trusted' }>

/** Why the key of a host is refused, and what to do: HOST_KEY_UNKNOWN, _CHANGED, _REVOKED or _AUTHORITY. */
export function refusal(settings: RefusalSettings, verdict: Refused, key: Uint8Array): ChaosError {
  return refusalOf(settings, verdict, { type: keyType(key) ?? 'no type that can be read', fingerprint: fingerprint(key) })
}

/** The same for a key of which only the fingerprint is known: what the system's ssh tells of it. */
export function refusalOf({ name, knownAs }: RefusalSettings, verdict: Refused, shown: { readonly type: string; readonly fingerprint: string }): ChaosError {
  const known = verdict.state === 'unknown' ? [] : verdict.known
  const { code, message, hint } = TEXTS[verdict.state]({ name, knownAs, shown: `${shown.type} ${shown.fingerprint}`, known })
  return new ChaosError(code, { message, hint, host: name, details: { retry: false, shown, known } })
}

interface Told {
  name: string
  knownAs: string
  shown: string
  known: readonly KnownKey[]
}

const TEXTS: Readonly<Record<Refused['state'], (told: Told) => { code: string; message: string; hint: string }>> = {
  unknown: ({ name, knownAs, shown }) => ({
    code: 'HOST_KEY_UNKNOWN',
    message: lines(`The host key of ${name} is not known.`, `it shows  ${shown}`, `known as  ${knownAs}, in no known_hosts file`),
    hint: `chaos trust ${quote(name)} shows the key, asks, and keeps it.`,
  }),
  changed: ({ name, knownAs, shown, known }) => ({
    code: 'HOST_KEY_CHANGED',
    message: lines(`The host key of ${name} has changed: the machine was set up anew, or another one answers in its place.`, `it shows  ${shown}`, ...known.map((each) => `known is  ${where(each)}`)),
    hint: `Ask the machine's owner. If the new key is right, forget the old one (${forget(knownAs, known)}), then: chaos trust ${quote(name)}`,
  }),
  revoked: ({ name, shown, known }) => ({
    code: 'HOST_KEY_REVOKED',
    message: lines(`The host key of ${name} is revoked: whoever stole it can pass for this machine.`, `it shows  ${shown}`, ...known.map((each) => `revoked   ${where(each)}`)),
    hint: "Ask the machine's owner to give it another host key.",
  }),
  authority: ({ name, shown, known }) => ({
    code: 'HOST_KEY_AUTHORITY',
    message: lines(`${name} is known by a certificate authority only, and certificates of hosts are not read by this transport.`, `it shows  ${shown}`, ...known.map((each) => `authority ${where(each)}`)),
    hint: `Write \`ssh_transport: openssh\` for it, or trust this one key: chaos trust ${quote(name)}.`,
  }),
}

function lines(...all: string[]): string {
  return all.join('\n')
}

function where({ type, fingerprint: print, file, line }: KnownKey): string {
  return `${print === undefined ? 'a line that cannot be read' : `${type} ${print}`} (${file}:${line})`
}

/** ssh-keygen takes names, not patterns; lines with patterns are named by the message. */
function forget(knownAs: string, known: readonly KnownKey[]): string {
  const files = [...new Set(known.map(({ file }) => file))]
  return files.map((file) => `ssh-keygen -R ${quote(knownAs)} -f ${quote(file)}`).join(' && ')
}
