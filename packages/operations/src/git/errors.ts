import { ChaosError } from '@chaos/core'
import type { Host } from '@chaos/core'
import type { Repository } from './working-copy.ts'

/** The remote does not answer, or not to us. */
export function refusedRemote(url: string, said: string, { name }: Host): ChaosError {
  const lines = said.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  if (lines.some((line) => line.startsWith('Host key verification failed'))) {
    const changed = lines.some((line) => line.includes('REMOTE HOST IDENTIFICATION HAS CHANGED'))
    return new ChaosError('GIT_HOST_KEY', {
      message: changed
        ? `${url} shows another host key than the one that ${name} knows: somebody may be in its place.`
        : `${name} does not know the host key of ${url}, and takes none that nobody has looked at.`,
      hint: 'See the key with ssh-keyscan, compare its fingerprint with one that came another way, and put it into the known_hosts of who runs git there, with files.line for instance.',
      host: name,
      details: { url, said },
    })
  }
  return new ChaosError('GIT_REMOTE', {
    message: `${name} cannot read ${url}: ${lines.find((line) => /^(fatal|error|ERROR|remote): /.test(line)) ?? lines[0] ?? 'git does not say why'}`,
    hint: 'Look at the address, and whether who runs git there may read it: their keys, or a credential helper. Nobody is asked for a password.',
    host: name,
    details: { url, said },
  })
}

export function noReference(url: string, { branch, tag }: { readonly branch: string | undefined; readonly tag: string | undefined }, { name }: Host): ChaosError {
  const what = tag === undefined ? (branch === undefined ? 'default branch' : `branch ${branch}`) : `tag ${tag}`
  return new ChaosError('GIT_REFERENCE', { message: `${url} has no ${what}.`, hint: `See what it has: git ls-remote ${url}`, host: name, details: { url } })
}

/** Work that is nowhere else would be lost. */
export function localWork(path: string, { changed, ahead }: Pick<Repository, 'changed' | 'ahead'>, { name }: Host): ChaosError {
  const listed = [...changed.map((line) => line.trim()), ...ahead.map((line) => `commit ${line}`)]
  const shown = listed.slice(0, 10).join('; ')
  return new ChaosError('GIT_LOCAL_CHANGES', {
    message: `${path} on ${name} has work of its own that would be lost: ${shown}${listed.length > 10 ? ` and ${listed.length - 10} more` : ''}.`,
    hint: 'Take care of it there; or give force: true to throw it away, or update: false to leave it at its commit.',
    host: name,
    details: { path, changed, ahead },
  })
}

export function notARepository(path: string, what: string | undefined, { name }: Host): ChaosError {
  return new ChaosError('GIT_NOT_A_REPOSITORY', {
    message: `${path} on ${name} is ${what ?? 'a folder with something in it that is no repository of git'}.`,
    hint: 'Give another path; or force: true to remove it, with all that is in it.',
    host: name,
    details: { path },
  })
}

export function differentOrigin(path: string, found: string, wanted: string, { name }: Host): ChaosError {
  return new ChaosError('GIT_DIFFERENT_ORIGIN', {
    message: `${path} on ${name} is a repository of ${found === '' ? 'no remote' : found}, not of ${wanted}, and is not removed.`,
    hint: 'Name the one that is there; or give force: true to remove it whatever it is.',
    host: name,
    details: { path, found, wanted },
  })
}
