import type { Depth, Page } from '@chaos/core'

/** Topics with their pages; that of the topic itself goes by its own name. */
export type Topics = Readonly<Record<string, Readonly<Record<string, Page | ((depth: Depth) => Page)>>>>
