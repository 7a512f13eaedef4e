import assert from 'node:assert/strict'
import { isExplain } from '@chaos/core'
import type { Depth, Explain, Page } from '@chaos/core'
import type { Runner } from './runner.ts'

const DEPTHS: readonly Depth[] = ['basic', 'intermediate', 'advanced']
const TEXTS = ['concept', 'what', 'technical', 'why', 'how', 'validation', 'security'] as const
const LISTS = ['files', 'commands', 'learn_more'] as const

export interface ExplainSuiteOptions extends Runner {
  /** The topic these pages belong to: the role's name. */
  name: string
  explain: Explain
}

/** For every explanation: pages that say something at each depth, and an order of topics that are there. */
export function explainSuite({ name, explain, describe, it }: ExplainSuiteOptions): void {
  describe(`the explain contract (${name})`, () => {
    it('is an explanation', async () => assert.ok(isExplain(explain)))

    it('has a page for the topic itself', async () => {
      assert.ok(Object.keys(explain.topics).some((topic) => plain(topic) === plain(name)), `there is no topic "${name}"`)
    })

    it('orders topics that are there, each once', async () => {
      const order = explain.order ?? []
      assert.deepEqual(order.filter((topic) => !Object.hasOwn(explain.topics, topic)), [])
      assert.equal(new Set(order).size, order.length)
    })

    it('has topics that differ by more than - and _', async () => {
      const topics = Object.keys(explain.topics).map(plain)
      assert.equal(new Set(topics).size, topics.length)
    })

    for (const [topic, made] of Object.entries(explain.topics)) {
      for (const depth of typeof made === 'function' ? DEPTHS : DEPTHS.slice(0, 1)) {
        it(`says something in ${topic}${typeof made === 'function' ? ` (${depth})` : ''}`, async () => {
          checkPage(typeof made === 'function' ? made(depth) : made)
        })
      }
    }
  })
}

function checkPage(page: Page): void {
  assert.ok(page.concept !== undefined || page.what !== undefined, 'a page has at least a concept or a what')
  for (const field of TEXTS) if (page[field] !== undefined) assert.ok(isText(page[field]), `${field} is a text`)
  for (const field of LISTS) if (page[field] !== undefined) assert.ok(Array.isArray(page[field]) && page[field].every(isText), `${field} is a list of texts`)
  for (const example of page.examples ?? []) {
    assert.equal(Object.keys(example).length, 1, 'an example is one of yaml, bash, text')
    assert.ok(['yaml', 'bash', 'text'].includes(Object.keys(example)[0] as string) && Object.values(example).every(isText))
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function plain(topic: string): string {
  return topic.replaceAll('_', '-')
}
