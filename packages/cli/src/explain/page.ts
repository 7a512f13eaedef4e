import type { Depth, Page } from '@chaos/core'
import { escapedLines } from '../render/escape.ts'
import type { Style } from '../render/style.ts'

/** Fields in the order they are shown; those of plugins that are not known here stand before `security`. */
const ORDER = ['concept', 'what', 'technical', 'why', 'how', 'validation', 'examples', 'equivalent', 'files', 'commands', 'learn_more']
const LAST = 'security'

const VISIBLE: Readonly<Record<Depth, readonly string[] | 'all'>> = {
  basic: ['concept', 'what', 'why', 'examples', 'security'],
  intermediate: ['what', 'why', 'how', 'commands', 'equivalent', 'examples', 'security'],
  advanced: 'all',
}

const TITLES: Readonly<Record<string, string>> = { learn_more: 'Learn more', equivalent: 'By hand', validation: 'Check it' }

/** The fields of a page that a depth shows, in order. A field of a plugin's own is always shown. */
export function visiblePage(page: Page, details: Depth): Page {
  const visible = VISIBLE[details]
  const own = Object.keys(page).filter((key) => !ORDER.includes(key) && key !== LAST)
  const keys = [...ORDER, ...own, LAST].filter((key) => page[key] !== undefined && (visible === 'all' || own.includes(key) || visible.includes(key)))
  return Object.fromEntries(keys.map((key) => [key, page[key]]))
}

/** A page as lines for a person. */
export function pageLines(title: string, page: Page, style: Style): string[] {
  const { concept, ...rest } = page
  const lines = [style.bold(style.cyan(title)) + (concept === undefined ? '' : style.bold(` · ${concept}`)), '']
  for (const [key, value] of Object.entries(rest)) {
    const name = TITLES[key] ?? `${key.charAt(0).toUpperCase()}${key.slice(1).replaceAll('_', ' ')}`
    lines.push(key === LAST ? style.yellow(`⚠ ${name}`) : style.bold(name), ...fieldLines(key, value, style).map((line) => `  ${line}`.trimEnd()), '')
  }
  return lines
}

function fieldLines(key: string, value: unknown, style: Style): string[] {
  if (key === 'examples' && Array.isArray(value)) {
    return value.flatMap((example: unknown, index) => [
      ...(index > 0 ? [''] : []),
      ...Object.values(typeof example === 'object' && example !== null ? example : { text: example }).flatMap((text) => escapedLines(String(text)).map(style.green)),
    ])
  }
  const code = key === 'validation' || key === 'equivalent' || key === 'commands'
  const list = Array.isArray(value)
  return (list ? value : [value]).flatMap((each: unknown) => {
    const lines = escapedLines(typeof each === 'string' ? each : JSON.stringify(each, null, 2))
    if (code) return lines.map((line) => style.cyan(`$ ${line}`))
    return list ? lines.map((line) => `· ${line}`) : lines
  })
}
