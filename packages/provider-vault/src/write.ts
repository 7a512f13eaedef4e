import { ChaosError, revealSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { isLossless } from './json.ts'
import { mountOf } from './mount.ts'
import { ask, dataPath } from './read.ts'
import { WHOLE } from './reference.ts'
import type { Reference } from './reference.ts'
import type { Session } from './session.ts'

/** Adds a field to a secret, which is made if it is not there. Nothing that is there is changed, nor what somebody writes meanwhile. */
export async function writeField(reference: Reference, value: Secret, session: Session, signal: AbortSignal): Promise<void> {
  const { path, field, version, text } = reference
  const refused = (code: string, message: string, hint: string): ChaosError => new ChaosError(code, { message, hint, details: { reference: text } })
  if (field === undefined || field === WHOLE || version !== undefined) throw refused('VAULT_REFERENCE', `${text} does not name one field to write.`, `Name it: ${path}#password`)
  const mount = await mountOf(reference, session, signal)
  if (mount.version === 1) {
    throw refused('VAULT_WRITE', `The engine at ${mount.path} is of KV version 1, which cannot write without the danger of overwriting.`, `Write it by hand, or make the engine keep versions: vault kv enable-versioning ${mount.path}`)
  }
  const { kept, version: current = 0 } = await ask(reference, mount, session, signal)
  const data = kept?.data ?? {}
  const plain = revealSecret(value)
  if (Object.hasOwn(data, field)) {
    if (data[field] === plain) return
    throw refused('VAULT_EXISTS', `${path} has a field ${field} already, with another value.`, 'It is not overwritten. Name another field, or change it by hand: vault kv patch')
  }
  if (kept && !isLossless(kept.data, kept.exact)) throw refused('VAULT_WRITE', `${path} has a number that JavaScript would round, so it cannot be written again with a field more.`, 'Write the field by hand: vault kv patch')
  const answer = await session.ask({ path: dataPath(path, mount), body: { options: { cas: current }, data: { ...data, [field]: plain } }, allow: [400] }, signal)
  if (answer.status === 400) throw refused('VAULT_CHANGED', `${path} was not written: somebody else wrote it in the meantime, or Vault does not take it.`, 'Run it again.')
  session.reads.delete(`${path}?`)
}
