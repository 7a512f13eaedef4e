import { defineOperation, sh, touch } from '@chaos/core'
import type { Change, Diff, Host } from '@chaos/core'
import type { z } from 'zod'
import { sha256 } from '../facts/sha256.ts'
import { stat } from '../facts/stat.ts'
import { sourceOf } from '../files/source.ts'
import { removal } from '../files/surroundings.ts'
import { writeChanges } from '../files/write-change.ts'
import { refreshIndex } from './command.ts'
import { aptIndex } from './package-index.ts'
import { loadKey, localKey } from './repository-key.ts'
import { repositorySchema } from './repository-schema.ts'
import type { Repository } from './repository-schema.ts'
import { keyPath, sourcePath, sourceText } from './repository-source.ts'

/** A repository of packages in a file of its own, in the form that names its key; `apt-key` and the one-line form are never used. */
export const repository = defineOperation({
  name: 'apt.repository',
  about: 'Ensures that a repository of packages and its key are known, or not; afterwards the package index is refreshed.',
  example: { name: 'docker', uris: 'https://download.docker.com/linux/debian', suites: 'bookworm', components: 'stable', key: { src: 'docker.asc' } },
  args: repositorySchema,
  title: ({ name }) => name,
  diff: repositoryChanges,
  touches: ({ name }) => [touch.path(sourcePath(name)), touch.path(keyPath(name, 'asc')), touch.path(keyPath(name, 'gpg')), touch.named('package-index')],
})

/** Its files, in one exchange with the index; one that was written after the index was refreshed is not in it yet. */
export async function repositoryChanges(args: z.output<typeof repositorySchema>, host: Host): Promise<Diff> {
  const { present, update, name } = args
  const [changes, { age }] = await Promise.all([present ? presentChanges(args, host) : absentChanges(name, host), host.fact(aptIndex())])
  const refresh: Change = { summary: 'refresh the package index', do: [{ run: refreshIndex }] }
  return update && (changes.length > 0 || (present && age === undefined)) ? [...changes, refresh] : changes
}

async function presentChanges(args: Repository, host: Host): Promise<Change[]> {
  const { key, name } = args
  if (key === undefined) return [...(await textChanges(sourcePath(name), sourceText(args, undefined), host))]
  if ('url' in key) {
    const path = keyPath(name, key.armored ? 'asc' : 'gpg')
    const [have, source] = await Promise.all([host.fact(sha256(path)), textChanges(sourcePath(name), sourceText(args, path), host)])
    return have === key.sha256 ? [...source] : [loadKey(path, key), ...source]
  }
  const { content, armored } = await localKey(key, host)
  const path = keyPath(name, armored ? 'asc' : 'gpg')
  const wanted = { path, mode: '0644', backup: false, force: false }
  const [written, source] = await Promise.all([writeChanges(wanted, sourceOf(content, host), host), textChanges(sourcePath(name), sourceText(args, path), host)])
  return [...written.map((change) => ({ ...change, summary: `key: ${change.summary}` })), ...source]
}

function textChanges(path: string, text: string, host: Host): Promise<readonly Change[]> {
  return writeChanges({ path, mode: '0644', backup: false, force: false }, sourceOf(text, host), host)
}

async function absentChanges(name: string, host: Host): Promise<Change[]> {
  const paths = [sourcePath(name), keyPath(name, 'asc'), keyPath(name, 'gpg')]
  const there = await Promise.all(paths.map((path) => host.fact(stat(path))))
  return paths.flatMap((path, index) => {
    const have = there[index]
    return have ? [{ ...removal(path, have), summary: `remove ${path}`, do: [{ run: sh`rm -f -- ${path}` }] }] : []
  })
}
