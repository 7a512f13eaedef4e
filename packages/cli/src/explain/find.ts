import { ChaosError, nearest } from '@chaos/core'
import type { Depth, Page } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import { BUILT_IN } from './topics.ts'

/** What a word of the command line asks for: a page, or the names of sub-topics. */
export type Found = { page: Page } | { list: string[] }

interface Topic {
  order?: readonly string[]
  topics: Readonly<Record<string, Page | ((depth: Depth) => Page)>>
}

/** Finds `TOPIC`, `TOPIC.SUB` or `TOPIC.list`. Only the first dot parts; `-` and `_` are the same. */
export async function findTopic(word: string, plugins: Plugins, complexity: Depth): Promise<Found> {
  const dot = word.indexOf('.')
  const name = dot === -1 ? word : word.slice(0, dot)
  const sub = dot === -1 ? name : word.slice(dot + 1)
  const topic = await topicOf(name, plugins)
  const subTopics = topic.order ?? Object.keys(topic.topics).filter((each) => !same(each, name))
  if (dot !== -1 && sub === 'list') return { list: [...subTopics] }
  const key = Object.keys(topic.topics).find((each) => same(each, sub))
  const page = key === undefined ? undefined : topic.topics[key]
  if (page !== undefined) return { page: typeof page === 'function' ? page(complexity) : page }
  const [near] = nearest(sub, subTopics)
  throw new ChaosError('EXPLAIN_UNKNOWN', {
    message: dot === -1 ? `\`${name}\` has no page of its own.` : `\`${name}\` has no topic \`${sub}\`.`,
    hint: `${near === undefined ? '' : `Did you mean \`${name}.${near}\`? `}${subTopics.length === 0 ? `Try: chaos explain ${name}` : `There is: ${subTopics.map((each) => `${name}.${each}`).join(', ')}`}`,
  })
}

async function topicOf(name: string, plugins: Plugins): Promise<Topic> {
  const installed = plugins.list('explain').map((each) => each.name)
  const found = installed.find((each) => same(each, name))
  if (found !== undefined) return plugins.load('explain', found)
  const own = Object.keys(BUILT_IN).find((each) => same(each, name))
  if (own === 'operations') {
    const { operationPages } = await import('./operations.ts')
    return { topics: { ...BUILT_IN['operations'], ...(await operationPages()) } }
  }
  if (own === 'connectors') {
    const { connectorPages } = await import('./connectors.ts')
    return { topics: { ...BUILT_IN['connectors'], ...(await connectorPages(plugins)) } }
  }
  if (own !== undefined) return { topics: BUILT_IN[own] as Topic['topics'] }
  const all = [...new Set([...Object.keys(BUILT_IN), ...installed])].toSorted()
  const [near] = nearest(name, all)
  throw new ChaosError('EXPLAIN_UNKNOWN', { message: `There is no explanation of \`${name}\`.`, hint: near === undefined ? `There is: ${all.join(', ')}` : `Did you mean \`${near}\`?` })
}

function same(a: string, b: string): boolean {
  return a.replaceAll('_', '-') === b.replaceAll('_', '-')
}
