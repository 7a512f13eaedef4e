import { isSecret, script } from '@chaos/core'
import type { Change, Command, Host, Shown } from '@chaos/core'
import { held, SHOWN } from '../facts/held.ts'
import type { Held } from '../facts/held.ts'
import { asText } from './as-text.ts'
import { attributeChanges, attributePhrases } from './attributes.ts'
import type { Attributes } from './attributes.ts'
import { given } from './members.ts'
import type { Source } from './source.ts'
import { look, makeRoom } from './surroundings.ts'

export interface Wanted extends Attributes {
  readonly path: string
  readonly backup: boolean
  readonly force: boolean
  readonly validate?: string | undefined
}

/** Compares a file with what it shall hold, one question deep: what it holds instead comes along with the answer. */
export async function writeChanges(wanted: Wanted, source: Promise<Source>, host: Host): Promise<readonly Change[]> {
  const { path, force } = wanted
  const [around, [want, have]] = await Promise.all([look(path, host), source.then(async (want) => [want, await host.fact(held(path, want.sha256))] as const)])
  const there = around.have?.type === 'file' ? around.have : undefined
  if (there && have?.sha256 === want.sha256) return attributeChanges(path, there, wanted)
  const room = makeRoom(path, around, 'file', force)
  const phrases = there ? ['update content', ...attributePhrases(there, wanted)] : ['create file']
  return [...room, { summary: phrases.join(', '), ...shown(want, there ? have : null), do: [write(wanted, want)] }]
}

/** The step that makes a file hold `source`, with its owner, group and mode. */
export function write({ path, owner, group, mode, backup, validate }: Wanted, { content }: Pick<Source, 'content'>) {
  return { write: { path, content, ...given({ owner, group, mode }), ...(backup ? { backup } : {}), ...(validate === undefined ? {} : { validate: checkedBy(validate) }) } }
}

function shown({ content, size }: Source, have: Held | null): { before?: Shown; after?: Shown } {
  // What was there before a secret may be one too.
  if (isSecret(content)) return { ...(have === null ? { before: null } : {}), after: content }
  const after = typeof content === 'string' ? content : content instanceof Uint8Array ? (asText(content) ?? content) : undefined
  const shownAfter = after === undefined ? {} : { after }
  if (have === null) return { before: null, ...shownAfter }
  if (typeof after !== 'string' || size > SHOWN) return shownAfter
  const before = have.content && asText(have.content)
  return before === undefined ? shownAfter : { before, ...shownAfter }
}

/** A user's own command line; only the file's name is put in. */
function checkedBy(validate: string): (temporary: string) => Command {
  return (temporary) => script(validate.replaceAll('%s', () => `'${temporary.replaceAll("'", `'\\''`)}'`))
}
