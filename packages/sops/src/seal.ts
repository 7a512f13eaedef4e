import { failure, shownPath } from './failure.ts'
import { parseDocument } from './document/format.ts'
import { span, splice } from './document/splice.ts'
import type { Replacement } from './document/splice.ts'
import { sopsEntry, walk } from './document/walk.ts'
import type { Format } from './document/tree.ts'
import type { StoredKey } from './keys/master-key.ts'
import { FORMAT_VERSION, printMetadata } from './metadata/metadata.ts'
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
  refuseSops(document.root, file)
  const selected = selectionOf(rules, file)
  const hash = valueHash(rules.mac_only_encrypted === true)
  const replacements: Replacement[] = []
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
    if (isEncrypted && text !== '') replacements.push({ ...span(item), by: format.printEncrypted(encrypted(type, text, at.path), item, at.parent, plain) })
  })
  const lastModified = new Date().toISOString().replace(/\.\d+/, '')
  const mac = encryptText('str', hash.digest(), dataKey, lastModified)
  const metadata = printMetadata({ groups, threshold, rules, lastModified, mac, version: FORMAT_VERSION })
  return format.append(reparsed(splice(plain, replacements), file, format), 'sops', metadata)
}

function refuseSops(root: Parameters<typeof sopsEntry>[0], file: string): void {
  if (sopsEntry(root)) throw failure('SOPS_ALREADY', file, { message: 'it has a key sops already, as encrypted files do.', hint: 'Edit it instead, or remove the key.' })
}
