import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isChaosError } from '@chaos/core'
import { tarballOf } from './installed.ts'
import type { Installed } from './installed.ts'
import { checkHash } from './integrity.ts'
import { npm } from './npm.ts'
import type { Registry } from './registry.ts'
import { readTarball } from './tarball.ts'

/** What was found of one plugin. `not verified`: nobody could tell. */
export interface Verdict {
  readonly title: string
  readonly package: string
  readonly version: string
  readonly integrity: 'verified' | 'changed'
  /** Signed by npm's registry, with an attestation of where it was built. */
  readonly provenance: 'verified' | 'not verified' | 'invalid'
  /** Whether the registry still stands for this version. */
  readonly registry: 'reviewed' | 'not verified' | 'withdrawn'
  readonly notes: readonly string[]
}

/** Looks again at what styx installed: the tarball against the lock file, the files in use against the tarball, the lock against the registry, and npm's signatures. */
export async function verify(folder: string, title: string, installed: Installed, registry: Registry | undefined, signal: AbortSignal): Promise<Verdict> {
  const notes: string[] = []
  const integrity = await checkFiles(folder, installed, notes)
  return { title, package: installed.package, version: installed.version, integrity, registry: reviewed(title, installed, registry, notes), provenance: await provenance(installed, notes, signal), notes }
}

async function checkFiles(folder: string, installed: Installed, notes: string[]): Promise<Verdict['integrity']> {
  try {
    const bytes = await readFile(path.join(folder, tarballOf(installed)))
    checkHash(bytes, installed.integrity, tarballOf(installed))
    const { files } = await readTarball(bytes, tarballOf(installed))
    for (const { path: file, sha256 } of files) {
      const there = await readFile(path.join(folder, 'node_modules', installed.package, file)).catch(() => undefined)
      if (there === undefined) notes.push(`${file} is missing`)
      else if (createHash('sha256').update(there).digest('hex') !== sha256) notes.push(`${file} is not as it was installed`)
    }
  } catch (error) {
    notes.push(isChaosError(error) ? error.message : `${tarballOf(installed)} cannot be read`)
  }
  return notes.length === 0 ? 'verified' : 'changed'
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

/** Asks npm in a folder of its own, because only what came from its registry has signatures. */
async function provenance({ package: name, version, integrity, from }: Installed, notes: string[], signal: AbortSignal): Promise<Verdict['provenance']> {
  const not = (why: string): 'not verified' => {
    notes.push(`provenance not verified: ${why}`)
    return 'not verified'
  }
  if (from !== 'npm') return not(`it came from ${from}, and only npm's registry signs`)
  const folder = await mkdtemp(path.join(tmpdir(), 'chaos-styx-'))
  try {
    await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }))
    await npm(['install', '--omit=dev', '--omit=peer'], folder, signal)
    const lock = JSON.parse(await readFile(path.join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, { integrity?: string } | undefined> }
    if (lock.packages[`node_modules/${name}`]?.integrity !== integrity) {
      notes.push('npm has other bytes for this version')
      return 'invalid'
    }
    const { invalid = [], missing = [], verified = [] } = JSON.parse(await npm(['audit', 'signatures', '--json', '--include-attestations'], folder, signal)) as Record<string, readonly { name?: string }[] | undefined>
    const mine = (list: readonly { name?: string }[]): boolean => list.some((each) => each.name === name)
    if (mine(invalid)) {
      notes.push('its signature is invalid')
      return 'invalid'
    }
    if (mine(missing)) return not('it has no signature')
    return mine(verified) ? 'verified' : not('it has no attestation of where it was built')
  } catch (error) {
    return not(isChaosError(error) ? error.message.replace(/\.$/, '') : 'npm did not tell')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
