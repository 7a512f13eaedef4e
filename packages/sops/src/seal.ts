import { failure } from './failure.ts'
import { parseDocument } from './document/format.ts'
import { span, splice } from './document/splice.ts'
import type { Replacement } from './document/splice.ts'
import { sopsEntry, walk } from './document/walk.ts'
import type { Format } from './document/tree.ts'
import type { StoredKey } from './keys/master-key.ts'
import { FORMAT_VERSION, printMetadata } from './metadata/metadata.ts'
import { shownPath } from './path.ts'
import { selectionOf } from './selection/selection.ts'
import type { SelectionRules } from './selection/selection.ts'
import { additionalData, encryptText } from './value/cipher.ts'
import { valueHash } from './value/mac.ts'
import { reparsed } from './open.ts'
import { Stash } from './stash.ts'
import type { Value } from './value/value.ts'

export interface SealOptions {
  format: Format
  rules: SelectionRules
  dataKey: Uint8Array
  groups: readonly (readonly StoredKey[])[]
  threshold: number
  /** Ciphertexts made with the same data key. */
  stash?: Stash
}

/** A text in clear as a sops file. Throws SOPS_ALREADY, SOPS_TEXT, and what parsing throws. */
export function seal(plain: string, file: string, { format, rules, dataKey, groups, threshold, stash = new Stash() }: SealOptions): string {
  const document = parseDocument(plain, file, format)
  const { text: clear } = document
  refuseSops(document.root, file)
  const selected = selectionOf(rules, file)
  const hash = valueHash(rules.mac_only_encrypted === true)
  const replacements: Replacement[] = []
  const leaves: string[] = []
  const encrypted = (type: string, text: string, path: readonly string[]): string => stash.take(type, text, path) ?? encryptText(type, text, dataKey, additionalData(path))
  walk(document.root, (item, at) => {
    const isEncrypted = selected(at.path, at.comments, item.kind === 'comment')
    if (item.kind === 'comment') {
      if (isEncrypted && item.text !== '') replacements.push({ ...span(item), by: `#${encrypted('comment', item.text, at.path)}` })
      return
    }
    const { type, text } = item.value as Value
    if (/\p{Cs}/u.test(text)) {
      throw failure('SOPS_TEXT', file, { message: `the value of ${shownPath(at.place)} is no Unicode text.`, hint: 'Keep bytes in base64.', path: at.place })
    }
    hash.add(text, isEncrypted)
    const kept = isEncrypted && text !== '' ? encrypted(type, text, at.path) : text
    leaves.push(leafOf(at.place, kept))
    if (kept !== text) replacements.push({ ...span(item), by: format.printEncrypted(kept, item, at.parent, clear) })
  })
  const lastModified = new Date().toISOString().replace(/\.\d+/, '')
  const mac = encryptText('str', hash.digest(), dataKey, lastModified)
  const metadata = printMetadata({ groups, threshold, rules, lastModified, mac, version: FORMAT_VERSION })
  const sealed = format.append(reparsed(splice(clear, replacements), file, format), 'sops', metadata)
  refuseOther(sealed, leaves, file, format)
  return sealed
}

/** What could not be read again would be lost: a layout that comes out as another document is refused before anything is written. */
function refuseOther(sealed: string, leaves: readonly string[], file: string, format: Format): void {
  const found: string[] = []
  try {
    const { root } = reparsed(sealed, file, format)
    walk(root, (item, { place }) => void (item.kind === 'leaf' && found.push(leafOf(place, (item.value as Value).text))))
    if (sopsEntry(root) && found.length === leaves.length && found.every((each, index) => each === leaves[index])) return
  } catch {
    // Said below.
  }
  throw failure('SOPS_UNSUPPORTED', file, { message: 'it is laid out so that it could not be read again once it is encrypted.', hint: 'Write it more plainly: one key a line, lines ended in one way.' })
}

function leafOf(place: readonly (string | number)[], text: string): string {
  return JSON.stringify([place, text])
}

function refuseSops(root: Parameters<typeof sopsEntry>[0], file: string): void {
  if (sopsEntry(root)) throw failure('SOPS_ALREADY', file, { message: 'it has a key sops already, as encrypted files do.', hint: 'Edit it instead, or remove the key.' })
}
