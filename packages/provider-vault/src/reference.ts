import { ChaosError } from '@chaos/core'

/** `PATH#FIELD`, `PATH`, `PATH?version=3#FIELD`. */
export interface Reference {
  /** As it was written, for messages. */
  readonly text: string
  /** Of the mount and the secret: `secret/app/db`. */
  readonly path: string
  readonly field: string | undefined
  readonly version: number | undefined
}

/** As a field: the whole secret, as JSON. */
export const WHOLE = '*'

export function parseReference(text: string): Reference {
  const hash = text.indexOf('#')
  const field = hash === -1 ? undefined : text.slice(hash + 1)
  const before = hash === -1 ? text : text.slice(0, hash)
  const [path = '', query] = before.split('?')
  const version = query === undefined ? undefined : /^version=([1-9]\d{0,8})$/.exec(query)?.[1]
  const parts = path.split('/')
  // A dot in Vault's own names would be taken for a folder by what stands between.
  const wrong =
    before.split('?').length > 2 || (query !== undefined && version === undefined)
      ? 'only ?version=NUMBER may stand behind the path'
      : field === ''
        ? 'the name of the field behind # is empty'
        : parts.length < 2 || parts.some((part) => part === '' || part === '.' || part === '..')
          ? 'a path has the name of the engine, a / and the secret’s'
          : [...text].some((each) => each < ' ' || each === '\x7f')
            ? 'it has a character that cannot be seen'
            : undefined
  if (wrong === undefined) return { text, path, field, version: version === undefined ? undefined : Number(version) }
  throw new ChaosError('VAULT_REFERENCE', {
    message: `${JSON.stringify(text)} names no secret of Vault: ${wrong}.`,
    hint: 'Write it so: ${secret:vault:secret/app/db#password}',
    details: { reference: text },
  })
}

/** A path as a part of a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
