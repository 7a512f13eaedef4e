import { isSecret, script } from '@chaos/core'
import type { Change, Command, Host, Shown } from '@chaos/core'
import { content as contentFact } from '../facts/content.ts'
import { sha256 } from '../facts/sha256.ts'
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

/** A longer text is shown by its size and hash rather than as a diff. */
const SHOWN = 64 * 1024

/** Compares a file with what it shall hold. One question deep; one more only for the diff of a text that differs. */
export async function writeChanges(wanted: Wanted, source: Promise<Source>, host: Host): Promise<readonly Change[]> {
  const { path, force } = wanted
  const [around, hash, want] = await Promise.all([look(path, host), host.fact(sha256(path)), source])
  const { have } = around
  if (have?.type === 'file' && hash === want.sha256) return attributeChanges(path, have, wanted)
  const room = makeRoom(path, around, 'file', force)
  const there = have?.type === 'file' ? have : undefined
  const phrases = there ? ['update content', ...attributePhrases(there, wanted)] : ['create file']
  return [...room, { summary: phrases.join(', '), ...(await shown(wanted, want, there?.size, host)), do: [write(wanted, want)] }]
}

/** The step that makes a file hold `source`, with its owner, group and mode. */
export function write({ path, owner, group, mode, backup, validate }: Wanted, { content }: Pick<Source, 'content'>) {
  return { write: { path, content, ...given({ owner, group, mode }), ...(backup ? { backup } : {}), ...(validate === undefined ? {} : { validate: checkedBy(validate) }) } }
}

async function shown({ path }: Wanted, { content, size }: Source, haveSize: number | undefined, host: Host): Promise<{ before?: Shown; after?: Shown }> {
  // What was there before a secret may be one too.
  if (isSecret(content)) return { ...(haveSize === undefined ? { before: null } : {}), after: content }
  const after = typeof content === 'string' ? content : content instanceof Uint8Array ? (asText(content) ?? content) : undefined
  const shownAfter = after === undefined ? {} : { after }
  if (haveSize === undefined) return { before: null, ...shownAfter }
  if (typeof after !== 'string' || size > SHOWN || haveSize > SHOWN) return shownAfter
  const have = await host.fact(contentFact(path))
  const before = have?.whole === true ? asText(have.bytes) : undefined
  return before === undefined ? shownAfter : { before, ...shownAfter }
}

/** A user's own command line; only the file's name is put in. */
function checkedBy(validate: string): (temporary: string) => Command {
  return (temporary) => script(validate.replaceAll('%s', () => `'${temporary.replaceAll("'", `'\\''`)}'`))
}
