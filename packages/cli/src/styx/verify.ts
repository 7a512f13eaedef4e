import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isChaosError } from '@chaos/core'
import { besideOf } from './beside.ts'
import { checkFiles } from './check-files.ts'
import type { Installed } from './installed.ts'
import { npm } from './npm.ts'
import { distOf, unsigned } from './signature.ts'
import type { Dist } from './signature.ts'
import type { Registry } from './registry.ts'

/** What was found of one plugin. `not verified`: nobody could tell. */
export interface Verdict {
  readonly title: string
  readonly package: string
  readonly version: string
  readonly integrity: 'verified' | 'changed'
  /** By the key of the registry of npm that it came from. */
  readonly signature: 'verified' | 'not verified' | 'invalid'
  /** Attested by who built it, as Sigstore's public log has it. */
  readonly provenance: 'verified' | 'not verified' | 'invalid'
  /** Whether the registry still stands for this version. */
  readonly registry: 'reviewed' | 'not verified' | 'withdrawn'
  /** Packages that npm chose for it, by name and version: its hash does not cover them. */
  readonly beside: readonly string[]
  readonly notes: readonly string[]
}

/** Looks again at what styx installed: the tarball against the lock file, the files in use against the tarball, the lock against the registry, and npm's signatures. */
export async function verify(folder: string, title: string, installed: Installed, registry: Registry | undefined, signal: AbortSignal): Promise<Verdict> {
  const notes: string[] = []
  await checkFiles(folder, installed, notes)
  const integrity = notes.length === 0 ? 'verified' : 'changed'
  const beside = await besideOf(folder, installed.package)
  if (beside.length > 0) notes.push(`no hash covers what npm chose with it: ${beside.join(', ')}`)
  return { title, package: installed.package, version: installed.version, integrity, registry: reviewed(title, installed, registry, notes), ...(await origin(installed, notes, signal)), beside, notes }
}

function reviewed(title: string, installed: Installed, registry: Registry | undefined, notes: string[]): Verdict['registry'] {
  if (!registry) {
    notes.push('the registry could not be read')
    return 'not verified'
  }
  const entry = registry.entries.find((each) => each.title === title && each.name === installed.package)
  if (!entry) {
    notes.push('the registry no longer has it')
    return 'withdrawn'
  }
  if (entry.version !== installed.version) {
    notes.push(`the registry now has ${entry.version}: chaos styx update`)
    return 'not verified'
  }
  // The registry may hold either kind of hash.
  if (!entry.hash.startsWith('sha512-') || entry.hash === installed.integrity) return 'reviewed'
  notes.push('the registry names another hash for this version')
  return 'withdrawn'
}

type Origin = Pick<Verdict, 'signature' | 'provenance'>

/** Asks the registry of npm in a folder of its own, because only what came from it is signed. */
async function origin(installed: Installed, notes: string[], signal: AbortSignal): Promise<Origin> {
  const { package: name, version, integrity, from } = installed
  const not = (why: string): Origin => {
    notes.push(`signature and provenance not verified: ${why}`)
    return { signature: 'not verified', provenance: 'not verified' }
  }
  if (from !== 'npm') return not(`it came from ${from}, and only a registry of npm signs`)
  const folder = await mkdtemp(path.join(tmpdir(), 'chaos-styx-'))
  try {
    const dist = await distOf(name, version, folder, signal)
    if (dist.integrity !== integrity) {
      notes.push('npm has other bytes for this version')
      return { signature: 'invalid', provenance: 'not verified' }
    }
    const signature = await signatureOf(installed, dist, folder, notes, signal)
    return { signature, provenance: await provenanceOf(installed, dist, folder, notes, signal) }
  } catch (error) {
    return not(reason(error))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function signatureOf({ package: name, version }: Installed, dist: Dist, folder: string, notes: string[], signal: AbortSignal): Promise<Verdict['signature']> {
  try {
    const why = await unsigned(name, version, dist, folder, signal)
    if (why === undefined) return 'verified'
    notes.push(`signature not verified: ${why}`)
    return 'not verified'
  } catch (error) {
    const invalid = isChaosError(error) && error.code === 'STYX_SIGNATURE'
    notes.push(invalid ? error.message : `signature not verified: ${reason(error)}`)
    return invalid ? 'invalid' : 'not verified'
  }
}

interface Audit {
  readonly error?: { readonly summary?: string }
  readonly invalid?: readonly { readonly name?: string }[]
  readonly verified?: readonly { readonly name?: string }[]
}

/** An attestation is checked by npm, which knows Sigstore's roots. */
async function provenanceOf({ package: name, version }: Installed, dist: Dist, folder: string, notes: string[], signal: AbortSignal): Promise<Verdict['provenance']> {
  const not = (why: string): 'not verified' => {
    notes.push(`provenance not verified: ${why}`)
    return 'not verified'
  }
  if (dist.attestations === undefined) return not('it has no attestation of where it was built')
  try {
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }))
    await npm(['install', '--omit=dev', '--omit=peer'], folder, signal)
    // 1 when a signature of any package is missing or wrong: what it printed says which.
    const { error, invalid = [], verified = [] } = JSON.parse(await npm(['audit', 'signatures', '--json', '--include-attestations'], folder, signal, [0, 1])) as Audit
    if (invalid.some((each) => each.name === name)) {
      notes.push('its attestation is invalid')
      return 'invalid'
    }
    return verified.some((each) => each.name === name) ? 'verified' : not(error?.summary || 'npm could not tell')
  } catch (error) {
    return not(reason(error))
  }
}

function reason(error: unknown): string {
  return isChaosError(error) ? error.message.replace(/\.$/, '') : 'npm did not tell'
}
