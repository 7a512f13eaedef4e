import type { Secret } from '@chaos/core'
import { isSecret, revealSecret, secret } from '@chaos/core'
import { formatOf, parseDocument } from './document/format.ts'
import type { Document, Leaf } from './document/tree.ts'
import { walk } from './document/walk.ts'
import { failure } from './failure.ts'
import { readMetadata } from './metadata/metadata.ts'
import { selectionOf } from './selection/selection.ts'
import type { Decrypted, FileOptions } from './sops.ts'
import { plainLeaf, secretLeaf, treeOf } from './value-tree.ts'
import type { PlainTree, SecretTree } from './value-tree.ts'
import type { Value } from './value/value.ts'

/**
 * A file that another program decrypted, the sops binary say: what was encrypted is told by the file's own rules. Whether its
 * seal holds is for that program to say; here the keys must be those of the file, so that half an answer is none.
 * Throws SOPS_PLAIN, and what {@link inspectSops} throws.
 */
export function openedBy(text: string, plain: string | Secret, { file, format: name }: FileOptions): Decrypted {
  const format = formatOf(file, name)
  const sealed = parseDocument(text, file, format)
  const metadata = readMetadata(sealed, file)
  const selected = selectionOf(metadata.rules, file)
  const shown = isSecret(plain) ? revealSecret(plain) : plain
  const document = read(() => parseDocument(shown, file, format), file)
  if (keysOf(sealed) !== keysOf(document)) throw notOf(file)
  const encrypted = new Set<Leaf>()
  walk(document.root, (item, at) => {
    if (item.kind === 'leaf' && selected(at.path, at.comments, false)) encrypted.add(item)
  })
  const of = (leaf: Leaf) => ({ value: leaf.value, encrypted: encrypted.has(leaf) })
  return {
    text: secret(shown),
    metadata,
    secrets: () => treeOf<unknown>(document.root, (leaf) => secretLeaf(of(leaf))) as SecretTree,
    plain: () => treeOf<unknown>(document.root, (leaf) => plainLeaf(of(leaf))) as PlainTree,
  }
}

/** What the parser says could be about anything that a program prints. */
function read(parse: () => Document, file: string): Document {
  try {
    return parse()
  } catch {
    throw notOf(file)
  }
}

/** Where values stand; null is none, for a program may write it as it likes. */
function keysOf({ root }: Document): string {
  const places: string[] = []
  walk(root, (item, { place }) => {
    if (item.kind === 'leaf' && (item.value as Value).text !== '') places.push(JSON.stringify(place))
  })
  return places.join('\n')
}

function notOf(file: string): Error {
  return failure('SOPS_PLAIN', file, { message: 'what it was decrypted to is not what it holds: other keys, or no text of its format.', hint: 'Look at the program that decrypted it, and whether the file is whole.' })
}
