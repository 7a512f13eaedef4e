import { failure } from './failure.ts'
import { span, splice } from './document/splice.ts'
import type { Replacement } from './document/splice.ts'
import { walk } from './document/walk.ts'
import type { Visit } from './document/walk.ts'
import type { Comment, Document, Format, Leaf } from './document/tree.ts'
import { parseDocument } from './document/format.ts'
import { recoverDataKey } from './keys/data-key.ts'
import type { Keys } from './keys/data-key.ts'
import { readMetadata } from './metadata/metadata.ts'
import type { Metadata } from './metadata/metadata.ts'
import { shownPath } from './path.ts'
import { selectionOf } from './selection/selection.ts'
import { additionalData, decryptText, decryptValue, looksEncrypted } from './value/cipher.ts'
import type { CipherProblem } from './value/cipher.ts'
import { valueHash } from './value/mac.ts'
import type { Value } from './value/value.ts'
import { Stash } from './stash.ts'
import type { OpenedLeaf } from './value-tree.ts'

/** A file that was opened, and whose seal holds. */
export interface Opened {
  document: Document
  metadata: Metadata
  dataKey: Uint8Array
  leaves: ReadonlyMap<Leaf, OpenedLeaf>
  /** The ciphertexts, to be kept for what does not change. */
  stash: Stash
  /** The file in clear, without its metadata. Made when it is asked for: it has to be parsed again, and who wants the values alone does without. */
  plain: () => string
}

const PROBLEMS: Record<CipherProblem, { message: string; hint?: string }> = {
  form: { message: 'stands in clear where it should be encrypted, or its encrypted text is damaged', hint: 'Values are put into a sops file by editing it with chaos or sops, never by hand.' },
  key: { message: 'cannot be decrypted: it was changed, or moved here from another place', hint: 'Restore the file from a copy.' },
  type: { message: 'is encrypted as a type that it is none of', hint: 'Restore the file from a copy.' },
  text: { message: 'is no text', hint: 'Bytes are kept in base64.' },
}

/** Decrypts a file and checks its seal. Nothing in clear is given when anything is wrong. */
export async function openFile(sealed: string, file: string, format: Format, keys: Keys): Promise<Opened> {
  const document = parseDocument(sealed, file, format)
  const { text } = document
  const metadata = readMetadata(document, file)
  if (metadata.mac === undefined) {
    throw failure('SOPS_MAC', file, { message: 'it has no seal (sops.mac), so that nobody can tell whether it was changed.', hint: 'Restore the file from a copy.' })
  }
  const selected = selectionOf(metadata.rules, file)
  const dataKey = await recoverDataKey(metadata.groups, metadata.threshold, keys, file)
  const seal = decryptText(metadata.mac, dataKey, metadata.lastModified)
  if (typeof seal === 'string') throw brokenSeal(file, 'its seal (sops.mac) cannot be decrypted: it, or the time of the last change, was altered')

  const hash = valueHash(metadata.rules.mac_only_encrypted === true)
  const leaves = new Map<Leaf, OpenedLeaf>()
  const replacements: Replacement[] = []
  const stash = new Stash()
  walk(document.root, (item, at) => {
    const encrypted = selected(at.path, at.comments, item.kind === 'comment')
    if (item.kind === 'comment') {
      if (encrypted) openComment(item, at, dataKey, stash, replacements)
      return
    }
    const value = encrypted ? openLeaf(item, at, dataKey, stash, file) : (item.value as Value)
    hash.add(value.text, encrypted)
    leaves.set(item, { value, encrypted })
    // An empty text is not encrypted, and stays as it is written.
    if (encrypted && value.text !== '') replacements.push({ ...span(item), by: format.print(value, item, at.parent, text) })
  })
  if (hash.digest() !== seal.text) throw brokenSeal(file, 'it was changed after it was sealed (MAC mismatch)')
  return { document, metadata, dataKey, leaves, stash, plain: () => format.remove(reparsed(splice(text, replacements), file, format), 'sops') }
}

function openLeaf(leaf: Leaf, { path, place }: Visit, dataKey: Uint8Array, stash: Stash, file: string): Value {
  const { type, text } = leaf.value as Value
  const value = type === 'str' ? decryptValue(text, dataKey, additionalData(path)) : 'form'
  if (typeof value === 'string') {
    const { message, hint } = PROBLEMS[value]
    throw failure('SOPS_VALUE', file, { message: `the value of ${shownPath(place)} ${message}.`, ...(hint !== undefined && { hint }), path: place, details: { problem: value } })
  }
  stash.keep(value.type, value.text, path, text)
  return value
}

/** A comment that is not encrypted, or cannot be, stays as it is: sops leaves those that others wrote. */
function openComment(comment: Comment, { path }: Visit, dataKey: Uint8Array, stash: Stash, replacements: Replacement[]): void {
  if (!looksEncrypted(comment.text)) return
  // Which map a comment between two belongs to is a matter of taste; sops and others may have put it further out.
  for (let length = path.length; length >= 0; length--) {
    const plain = decryptText(comment.text, dataKey, additionalData(path.slice(0, length)))
    if (typeof plain === 'string' || plain.type !== 'comment' || /[\n\r]/.test(plain.text)) continue
    stash.keep('comment', plain.text, path, comment.text)
    replacements.push({ ...span(comment), by: `#${plain.text}` })
    return
  }
}

function brokenSeal(file: string, message: string): Error {
  return failure('SOPS_MAC', file, { message: `${message}.`, hint: 'Restore the file from a copy, and change it with chaos or sops only.' })
}

/** The document of a text that was made of a good one. */
export function reparsed(text: string, file: string, format: Format): Document {
  return format.parse(text, file)
}
