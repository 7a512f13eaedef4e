import type { Repository } from './repository-schema.ts'

export function sourcePath(name: string): string {
  return `/etc/apt/sources.list.d/${name}.sources`
}

/** apt tells by the end of the name how a key is written. */
export function keyPath(name: string, form: 'asc' | 'gpg'): string {
  return `/etc/apt/keyrings/${name}.${form}`
}

/** The repository in the form of deb822. */
export function sourceText({ enabled, types, uris = [], suites = [], components = [], architectures = [], trusted }: Repository, key: string | undefined): string {
  const fields: readonly (readonly [string, readonly string[]])[] = [
    ['Enabled', enabled ? [] : ['no']],
    ['Types', types],
    ['URIs', uris],
    ['Suites', suites],
    ['Components', components],
    ['Architectures', architectures],
    ['Signed-By', key === undefined ? [] : [key]],
    ['Trusted', trusted ? ['yes'] : []],
  ]
  return `# Managed by chaos: changes made here are lost.\n${fields.filter(([, values]) => values.length > 0).map(([name, values]) => `${name}: ${values.join(' ')}\n`).join('')}`
}
