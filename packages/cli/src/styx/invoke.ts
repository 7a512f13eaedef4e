import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ChaosError } from '@chaos/core'
import { readManifest } from '@chaos/discovery'
import { download } from './download.ts'
import { readLock, tarballOf, writeLock } from './installed.ts'
import type { Installed } from './installed.ts'
import { checkHash, integrityOf } from './integrity.ts'
import { npm } from './npm.ts'
import { exchange } from './plugin-folder.ts'
import { placeOf } from './registry.ts'
import type { Entry } from './registry.ts'
import { readTarball } from './tarball.ts'

const MOST = 100 * 1024 * 1024

/**
 * Installs reviewed plugins: gets each tarball, checks its hash before anything of it is unpacked or run, and installs all of them by npm, without
 * scripts. Whatever fails leaves the folder as it was.
 */
export async function invoke(folder: string, entries: readonly Entry[], registry: string, signal: AbortSignal): Promise<readonly Installed[]> {
  const added: [string, Installed][] = []
  refuseSame(entries)
  await exchange(folder, async (draft) => {
    await mkdir(path.join(draft, 'tarballs'), { recursive: true })
    const lock = { ...(await readLock(draft)) }
    for (const entry of entries) {
      const { bytes, from } = await fetchTarball(entry, registry, draft, signal)
      checkHash(bytes, entry.hash, `${entry.name} ${entry.version} from ${from}`)
      await refuseOther(bytes, entry)
      const installed: Installed = { package: entry.name, version: entry.version, integrity: integrityOf(bytes), from, registry }
      // Under another title it may be there too: a folder has one of each package.
      for (const [title, before] of Object.entries(lock)) {
        if (title !== entry.title && before.package !== entry.name) continue
        await rm(path.join(draft, tarballOf(before)), { force: true })
        delete lock[title]
      }
      await writeFile(path.join(draft, tarballOf(installed)), bytes)
      lock[entry.title] = installed
      added.push([entry.title, installed])
    }
    await npm(['install', '--save-exact', '--omit=dev', ...added.map(([, each]) => `file:${tarballOf(each)}`)], draft, signal)
    for (const [, each] of added) await refuseMissing(draft, each)
    await writeLock(draft, lock)
  })
  return added.map(([, installed]) => installed)
}

function refuseSame(entries: readonly Entry[]): void {
  for (const [index, { title, name }] of entries.entries()) {
    const other = entries.slice(0, index).find((each) => each.name === name && each.title !== title)
    if (other) throw new ChaosError('STYX_SAME_PACKAGE', { message: `${other.title} and ${title} are the same package, ${name}.`, hint: 'Name one of them. Nothing was changed.' })
  }
}

/** Removes plugins that styx installed. */
export async function destroy(folder: string, titles: readonly string[], signal: AbortSignal): Promise<void> {
  await exchange(folder, async (draft) => {
    const lock = { ...(await readLock(draft)) }
    const gone = titles.map((title) => {
      const found = lock[title]
      delete lock[title]
      if (found) return found
      throw new ChaosError('STYX_NOT_INSTALLED', { message: `${title} is not installed by styx.`, hint: '`chaos styx list --installed` shows what is.' })
    })
    await npm(['uninstall', ...gone.map((each) => each.package)], draft, signal)
    for (const each of gone) await rm(path.join(draft, tarballOf(each)), { force: true })
    await writeLock(draft, lock)
  })
}

async function fetchTarball(entry: Entry, registry: string, draft: string, signal: AbortSignal): Promise<{ bytes: Buffer; from: string }> {
  const place = placeOf(entry, registry)
  if ('url' in place) return { bytes: await download(place.url, MOST, signal), from: place.url }
  if ('file' in place) {
    return { bytes: await readTarballFile(place.file), from: place.file }
  }
  // npm knows its registries, proxies and tokens.
  const packed = path.join(draft, '.packed')
  await mkdir(packed)
  await npm(['pack', '--pack-destination', packed, place.npm], draft, signal)
  const [file] = await readdir(packed)
  const bytes = await readFile(path.join(packed, file as string))
  await rm(packed, { recursive: true })
  return { bytes, from: 'npm' }
}

/** A device or a pipe would never end. */
async function readTarballFile(file: string): Promise<Buffer> {
  const failed = (why: string, cause?: unknown): ChaosError => new ChaosError('STYX_UNREACHABLE', { message: `${file} cannot be read: ${why}.`, hint: 'Look at `from` in the registry; nothing was changed.', ...(cause === undefined ? {} : { cause }) })
  try {
    const found = await stat(file)
    if (!found.isFile()) throw failed('it is no file')
    if (found.size > MOST) throw failed(`it is larger than ${MOST / 1024 / 1024} MB`)
    return await readFile(file)
  } catch (cause) {
    throw cause instanceof ChaosError ? cause : failed((cause as NodeJS.ErrnoException).code ?? 'unknown reason', cause)
  }
}

/** The hash says that it is what was reviewed; that it is what the entry names, the tarball says. */
async function refuseOther(bytes: Uint8Array, { name, version }: Entry): Promise<void> {
  const { manifest } = await readTarball(bytes, `${name} ${version}`)
  if (manifest['name'] === name && manifest['version'] === version) {
    const refusal = refusalOf(name, manifest)
    if (refusal === undefined) return
    throw new ChaosError('STYX_NO_PLUGIN', { message: `${name} ${version} cannot be used: ${refusal}`, hint: 'Nothing was changed.' })
  }
  throw new ChaosError('STYX_OTHER_PACKAGE', {
    message: `The registry says ${name} ${version}, and the tarball is ${String(manifest['name'])} ${String(manifest['version'])}.`,
    hint: 'Nothing was changed. Tell who keeps the registry.',
  })
}

function refusalOf(name: string, json: Readonly<Record<string, unknown>>): string | undefined {
  const read = readManifest(name, json, name)
  if (read === undefined) return 'it is no plugin of chaos.'
  return read.refusal?.message
}

async function refuseMissing(draft: string, { package: name }: Installed): Promise<void> {
  const file = path.join(draft, 'node_modules', name, 'package.json')
  await readFile(file).catch((cause: unknown) => {
    throw new ChaosError('STYX_NPM', { message: `npm said that it installed ${name}, and it is not there.`, hint: 'Nothing was changed.', cause })
  })
}
