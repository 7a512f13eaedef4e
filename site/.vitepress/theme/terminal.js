import { useData } from 'vitepress'
import { h } from 'vue'

/** What the first sign of a line says: as the command colours them. */
const KINDS = [[/^\$ /, 'typed'], [/^\s*\+ /, 'added'], [/^\s*- /, 'removed'], [/^\s*~ /, 'changed'], [/^Plan: /, 'plan']]

/** A terminal with the real output of the README's example. */
export function Terminal() {
  const text = useData().frontmatter.value.terminal
  if (text === undefined) return null
  const lines = text.trimEnd().split('\n').map((line) => h('span', { class: ['line', KINDS.find(([pattern]) => pattern.test(line))?.[1]] }, `${line}\n`))
  return h('div', { class: 'terminal image-src' }, [h('div', { class: 'bar', 'aria-hidden': 'true' }, [h('i'), h('i'), h('i')]), h('pre', { tabindex: 0 }, lines)])
}
