import { ChaosError } from '@chaos/core'
import type { Position } from '@chaos/core'

/** A target is one tag, several separated by spaces, or a list. */
export type Aliases = Readonly<Record<string, string | readonly string[]>>

export interface Warning {
  code: string
  message: string
  hint?: string
  position?: Position
}

/** Aliases that name many others that name many others grow without end; nobody means more tags than this. */
const MOST = 1000

/**
 * Tags with all aliases in them replaced: in order, each once. A user's alias wins over a plugin's, with a warning;
 * a circle ends at the tag that closes it, with a warning, and is given by that tag.
 */
export function expandTags(tags: readonly string[], { plugins = {}, user = {} }: { plugins?: Aliases; user?: Aliases }): { tags: string[]; warnings: Warning[]; circles: ReadonlyMap<string, string> } {
  const warnings = new Map<string, Warning>()
  const circles = new Map<string, string>()
  let steps = 0
  const targetOf = (tag: string): string[] | undefined => {
    const own = Object.hasOwn(user, tag) ? user[tag] : undefined
    const plugin = Object.hasOwn(plugins, tag) ? plugins[tag] : undefined
    if (own !== undefined && plugin !== undefined && words(own).join(' ') !== words(plugin).join(' ')) {
      warnings.set(`override ${tag}`, {
        code: 'ALIAS_OVERRIDE',
        message: `Your alias \`${tag}\` (${words(own).join(' ')}) is used instead of the one of a plugin (${words(plugin).join(' ')}).`,
      })
    }
    const target = own ?? plugin
    return target === undefined ? undefined : [...new Set(words(target))]
  }
  const expand = (tag: string, through: readonly string[]): string[] => {
    if (++steps > MOST) throw new ChaosError('ALIAS_TOO_MANY', { message: `The alias \`${through[0] ?? tag}\` stands for more than ${MOST} tags.`, hint: 'Look at `aliases` in the config.' })
    if (through.includes(tag)) {
      if (through.at(-1) !== tag) {
        const circle = [...through.slice(through.indexOf(tag)), tag].join(' → ')
        circles.set(tag, circle)
        warnings.set(`cycle ${tag}`, { code: 'ALIAS_CYCLE', message: `Aliases go in a circle: ${circle}. \`${tag}\` is taken as it is.` })
      }
      return [tag]
    }
    return targetOf(tag)?.flatMap((next) => expand(next, [...through, tag])) ?? [tag]
  }
  const found = [...new Set(tags.flatMap((tag) => expand(tag, [])))]
  return { tags: found, warnings: [...warnings.values()], circles }
}

function words(target: string | readonly string[]): string[] {
  const list = typeof target === 'string' ? [target] : target
  return list.flatMap((each) => each.split(/\s+/)).filter((each) => each !== '')
}
