import { ChaosError, isChaosError } from '@chaos/core'
import { at } from './json.ts'
import { encodePath } from './reference.ts'
import type { Reference } from './reference.ts'
import type { Session } from './session.ts'

/** A KV engine. */
export interface Mount {
  /** With the slash behind it. */
  readonly path: string
  readonly version: 1 | 2
}

/** The engine that a path belongs to: asked for once each, unless the config says it. */
export function mountOf(reference: Reference, session: Session, signal: AbortSignal): Promise<Mount> {
  const { path } = reference
  const { kv_version: version, mount } = session.config
  if (version !== undefined) return Promise.resolve(belongs(reference, { path: `${mount?.replace(/^\/+|\/+$/g, '') ?? path.split('/')[0]}/`, version }))
  const [first = ''] = path.split('/')
  // One after the other below the same first part, so that the second of many finds what the first was told.
  const before = session.finding.get(first) ?? Promise.resolve()
  const found = before
    .catch((error: unknown) => {
      if (!isChaosError(error) || !['VAULT_DENIED', 'VAULT_NOT_KV', 'VAULT_REFERENCE'].includes(error.code)) throw error
    })
    .then(() => session.mounts.find((each) => path.startsWith(each.path)) ?? find(reference, session, signal))
    .then((each) => belongs(reference, each))
  session.finding.set(first, found)
  return found
}

/** As `vault kv` does it: the one door to it that needs no policy of its own. */
async function find({ path, text }: Reference, session: Session, signal: AbortSignal): Promise<Mount> {
  const { value, status } = await session.ask({ path: `sys/internal/ui/mounts/${encodePath(path)}`, allow: [400, 404] }, signal)
  const type = at(value, 'data', 'type')
  const place = at(value, 'data', 'path')
  if (status === 200 && (type === 'kv' || type === 'generic') && typeof place === 'string') {
    const mount: Mount = { path: place, version: at(value, 'data', 'options', 'version') === '2' ? 2 : 1 }
    session.mounts.push(mount)
    return mount
  }
  const kind = typeof type === 'string' && /^[\w-]{1,60}$/.test(type) ? type : undefined
  throw new ChaosError('VAULT_NOT_KV', {
    message: kind === undefined ? `Vault at ${session.settings.name} does not say which engine ${path} belongs to.` : `${path} belongs to an engine of Vault that is ${kind}, not kv.`,
    hint: kind === undefined ? 'Write it in the config: kv_version: 2 (and mount, if it is not the first part of the path)' : 'Only the key-value engines hold what can be read again: vault secrets list',
    details: { reference: text },
  })
}

function belongs({ path, text }: Reference, mount: Mount): Mount {
  if (path.startsWith(mount.path) && path.length > mount.path.length) return mount
  throw new ChaosError('VAULT_REFERENCE', {
    message: `${path} names no secret of the engine at ${mount.path}`,
    hint: `Its secrets are written ${mount.path}NAME`,
    details: { reference: text },
  })
}
