import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'

/** How deep a text goes (`--complexity`), and how many fields of a page are shown (`--details`). */
export type Depth = 'basic' | 'intermediate' | 'advanced'

/** One page of an explanation, in Markdown. Fields are shown in this order, which ones depends on the depth asked for. None is required; a page has at least a `concept` or a `what`. */
export interface Page {
  /** What it is, in a few words: the heading. Shown at basic and advanced. */
  concept?: string
  /** What it does, in a sentence or two. Always shown. */
  what?: string
  /** How it works inside, with its limits. Shown at advanced. */
  technical?: string
  /** What it is good for. Always shown. */
  why?: string
  /** What one does, step by step. Shown from intermediate on. */
  how?: string
  /** Shell lines that check it. Shown at advanced. */
  validation?: string
  /** Always shown; each is of one language. */
  examples?: readonly ({ yaml: string } | { bash: string } | { text: string })[]
  /** The same thing by hand, as shell lines. Shown from intermediate on. */
  equivalent?: string | readonly string[]
  /** Paths that matter to it. Shown at advanced. */
  files?: readonly string[]
  /** Shell lines to try. Shown from intermediate on. */
  commands?: readonly string[]
  /** URLs, or other topics. Shown at advanced. */
  learn_more?: readonly string[]
  /** What to look out for. Always shown, and last. */
  security?: string
  /** A field of your own: always shown, before `security`. */
  [other: string]: unknown
}

/** What `defineExplain` takes. */
export interface ExplainDefinition {
  /** Order of sub-topics in `TOPIC.list`, by their names; one that is left out is still found. Default: the topics' own order. */
  order?: readonly string[]
  /** A page, or a function of the depth. The topic itself goes by its own name; `-` and `_` are the same. */
  topics: Readonly<Record<string, Page | ((depth: Depth) => Page)>>
}

/** Pages for `chaos explain`, as a package exports them. */
export interface Explain extends Branded<'explain'>, Readonly<ExplainDefinition> {}

/** Defines pages for `chaos explain`. */
export function defineExplain(definition: ExplainDefinition): Explain {
  return brand('explain', { ...definition })
}

/** Whether a value is an explanation, of whichever copy of core. */
export function isExplain(value: unknown): value is Explain {
  return isKind(value, 'explain')
}
