import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'

export type Depth = 'basic' | 'intermediate' | 'advanced'

/** One page of an explanation. Fields are shown in this order, which ones depends on the depth asked for. */
export interface Page {
  concept?: string
  what?: string
  technical?: string
  why?: string
  how?: string
  /** Shell lines that check it. */
  validation?: string
  examples?: readonly ({ yaml: string } | { bash: string } | { text: string })[]
  /** The same thing by hand. */
  equivalent?: string | readonly string[]
  files?: readonly string[]
  commands?: readonly string[]
  learn_more?: readonly string[]
  security?: string
  [other: string]: unknown
}

export interface ExplainDefinition {
  /** Order of sub-topics in `TOPIC.list`. Default: the topics' own order. */
  order?: readonly string[]
  /** A page, or a function of the depth. The topic itself goes by its own name; `-` and `_` are the same. */
  topics: Readonly<Record<string, Page | ((depth: Depth) => Page)>>
}

export interface Explain extends Branded<'explain'>, Readonly<ExplainDefinition> {}

export function defineExplain(definition: ExplainDefinition): Explain {
  return brand('explain', { ...definition })
}

export function isExplain(value: unknown): value is Explain {
  return isKind(value, 'explain')
}
