import { randomBytes } from 'node:crypto'
import type { Secret } from '@chaos/core'
import { isSecret, revealSecret, secret } from '@chaos/core'
import { formatOf, parseDocument } from './document/format.ts'
import type { FormatName } from './document/format.ts'
import { sopsEntry } from './document/walk.ts'
import { DATA_KEY_BYTES, wrapDataKey } from './keys/data-key.ts'
import type { Keys } from './keys/data-key.ts'
import { isSupported, sameKey } from './keys/master-key.ts'
import type { KeyGroup, StoredKey } from './keys/master-key.ts'
import { printMetadata, readMetadata } from './metadata/metadata.ts'
import type { Metadata } from './metadata/metadata.ts'
import { openFile, reparsed } from './open.ts'
import type { Opened } from './open.ts'
import { seal } from './seal.ts'
import { DEFAULT_RULES, SELECTION_KEYS } from './selection/selection.ts'
import type { SelectionRules } from './selection/selection.ts'
import { plainLeaf, secretLeaf, treeOf } from './value-tree.ts'
import type { PlainTree, SecretTree } from './value-tree.ts'

export interface FileOptions {
  /** Path of the file: its ending says the format, and errors name it. Nothing is read from or written to it. */
  file: string
  /** Not given: by the ending. */
  format?: FormatName
}

/** A file in clear. */
export interface Decrypted {
  /** The whole text in its format, comments too, without the metadata. */
  readonly text: Secret
  metadata: Metadata
  /** The values; those that were encrypted are Secrets. */
  secrets(): SecretTree
  /** The values in clear, for those who print or compare them. */
  plain(): PlainTree
}

/** Throws what sealing a text would throw because of the text itself: SOPS_ALREADY, SOPS_TEXT, and what parsing throws. */
export function checkPlain(plain: string | Secret, { file, format: name }: FileOptions): void {
  const format = formatOf(file, name)
  seal(revealed(plain), file, { format, rules: DEFAULT_RULES, dataKey: new Uint8Array(DATA_KEY_BYTES), groups: [[]], threshold: 1 })
}

/** Whether a text is a sops file. Throws when it cannot be parsed. */
export function isSops(text: string, { file, format }: FileOptions): boolean {
  return sopsEntry(parseDocument(text, file, formatOf(file, format)).root) !== undefined
}

/** What a file says of itself: who may decrypt it, when it was changed. Needs no key. */
export function inspectSops(text: string, { file, format }: FileOptions): Metadata {
  return readMetadata(parseDocument(text, file, formatOf(file, format)), file)
}

/** Throws SOPS_NO_KEY, SOPS_KEY_KIND, SOPS_MAC, SOPS_VALUE, SOPS_METADATA, SOPS_NOT_SOPS, and what parsing throws. */
export async function decryptSops(sealed: string, options: FileOptions & Keys): Promise<Decrypted> {
  const opened = await openFile(sealed, options.file, formatOf(options.file, options.format), options)
  const of = (leaf: Parameters<Parameters<typeof treeOf>[1]>[0]) => opened.leaves.get(leaf) ?? { value: leaf.value, encrypted: false }
  let text: Secret | undefined
  return {
    get text() {
      return (text ??= secret(opened.plain()))
    },
    metadata: opened.metadata,
    secrets: () => treeOf<unknown>(opened.document.root, (leaf) => secretLeaf(of(leaf))) as SecretTree,
    plain: () => treeOf<unknown>(opened.document.root, (leaf) => plainLeaf(of(leaf))) as PlainTree,
  }
}

export interface Recipients {
  /** One group: each of its keys opens the file. Several: `threshold` of them must be opened. */
  groups: readonly KeyGroup[]
  /** Not given: all groups. Means nothing for one. */
  threshold?: number
}

/** A text in clear as a new sops file. Throws SOPS_ALREADY, SOPS_NO_RECIPIENT, SOPS_AGE_RECIPIENT, SOPS_GPG, SOPS_KEY_KIND, SOPS_REGEX, SOPS_TEXT. */
export async function encryptSops(plain: string | Secret, options: FileOptions & Recipients & Pick<Keys, 'run'> & { rules?: SelectionRules }): Promise<string> {
  const { file, rules = {} } = options
  const dataKey = Uint8Array.from(randomBytes(DATA_KEY_BYTES))
  const groups = await wrapDataKey(dataKey, options, file)
  return seal(revealed(plain), file, { format: formatOf(file, options.format), rules: withDefault(rules), dataKey, groups, threshold: thresholdOf(options) })
}

/**
 * The file with another text in clear. What stays the same keeps its ciphertext; a file in which nothing changed is given back
 * as it is.
 */
export async function editSops(text: string, plain: string | Secret, options: FileOptions & Keys): Promise<string> {
  return (await editing(text, options)).seal(plain)
}

/** A file that is open for a change: its text in clear, and what makes a file of the changed text, without a key being asked for again. */
export async function editing(text: string, options: FileOptions & Keys): Promise<{ text: Secret; seal(plain: string | Secret): string }> {
  const { file } = options
  const format = formatOf(file, options.format)
  const opened = await openFile(text, file, format, options)
  const { metadata: { groups, threshold, rules }, dataKey, stash } = opened
  const before = opened.plain()
  return {
    text: secret(before),
    seal(plain) {
      const after = revealed(plain)
      return after === before ? text : seal(after, file, { format, rules: withDefault(rules), dataKey, groups, threshold, stash: stash.copy() })
    },
  }
}

/**
 * The file for other recipients (`sops updatekeys`). Values, seal and data key stay: who was removed and kept an old copy can
 * still read what was in it. {@link rotateSops} keeps them from what comes.
 */
export async function rekeySops(text: string, recipients: Recipients, options: FileOptions & Keys): Promise<string> {
  const { file } = options
  const format = formatOf(file, options.format)
  const opened = await openFile(text, file, format, options)
  const { metadata } = opened
  const groups = await wrapDataKey(opened.dataKey, { ...recipients, ...options, kept: kept(opened, recipients) }, file)
  const printed = printMetadata({ ...metadata, groups, threshold: thresholdOf(recipients) })
  return format.append(reparsed(format.remove(opened.document, 'sops'), file, format), 'sops', printed)
}

/** The file with a new data key, every value encrypted anew. Recipients not given: those it has. */
export async function rotateSops(text: string, options: FileOptions & Keys & Partial<Recipients>): Promise<string> {
  const { file } = options
  const format = formatOf(file, options.format)
  const { plain, metadata } = await openFile(text, file, format, options)
  const recipients = { groups: options.groups ?? metadata.groups, ...(options.groups ? { threshold: options.threshold } : { threshold: metadata.threshold }) } as Recipients
  const dataKey = Uint8Array.from(randomBytes(DATA_KEY_BYTES))
  const groups = await wrapDataKey(dataKey, { ...recipients, ...(options.run && { run: options.run }) }, file)
  return seal(plain(), file, { format, rules: withDefault(metadata.rules), dataKey, groups, threshold: thresholdOf(recipients) })
}

/** Keys of one group keep their share when there is one group again: it is the data key itself. */
function kept({ metadata }: Opened, { groups }: Recipients): readonly StoredKey[] {
  const [group = []] = metadata.groups
  return metadata.groups.length === 1 && groups.length === 1 ? group.filter((key) => isSupported(key) || (groups[0] as KeyGroup).some((each) => sameKey(each, key))) : []
}

function thresholdOf({ groups, threshold }: Recipients): number {
  return groups.length === 1 ? 1 : (threshold ?? groups.length)
}

function withDefault(rules: SelectionRules): SelectionRules {
  return SELECTION_KEYS.some((key) => rules[key] !== undefined && rules[key] !== '') ? rules : { ...rules, ...DEFAULT_RULES }
}

function revealed(plain: string | Secret): string {
  return isSecret(plain) ? revealSecret(plain) : plain
}
