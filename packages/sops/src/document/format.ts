import path from 'node:path'
import { failure } from '../failure.ts'
import { json } from './json.ts'
import { yaml } from './yaml.ts'
import { refuseHuge } from './limits.ts'
import type { Document, Format } from './tree.ts'

export type FormatName = 'yaml' | 'json'

/** By the ending of the file's name, as sops does. Throws SOPS_FORMAT for others: sops would take them for something else. */
export function formatOf(file: string, name?: FormatName): Format {
  if (name) return name === 'json' ? json : yaml
  const ending = path.extname(file).toLowerCase()
  if (ending === '.json') return json
  if (ending === '.yaml' || ending === '.yml') return yaml
  throw failure('SOPS_FORMAT', file, { message: 'only YAML and JSON are known here.', hint: 'Call it .yaml, .yml or .json, or say which of them it is.', details: { ending } })
}

/** The document of a text. Its own text is without the mark that some editors put in front of UTF-8: no place in it counts that. */
export function parseDocument(text: string, file: string, format: Format): Document {
  refuseHuge(text, file)
  return format.parse(text.replace(/^\uFEFF/, ''), file)
}
