import { printYaml } from '@chaos/chobolo'
import { isChaosError } from '@chaos/core'
import type { Depth } from '@chaos/core'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { findTopic } from '../explain/find.ts'
import { pageLines, visiblePage } from '../explain/page.ts'
import { BUILT_IN } from '../explain/topics.ts'
import { pluginsOf } from '../plugins.ts'
import type { ExplainOptions } from '../program/options.ts'
import { coloured, makeStyle } from '../render/style.ts'
import { showError } from '../show-error.ts'

/** `chaos explain TOPIC[.SUB|.list]…`: what can be shown is shown, then what could not be found is told. */
export async function run(words: readonly string[], options: ExplainOptions): Promise<number> {
  const plugins = await pluginsOf(choboloFile(options.chobolo, await readConfig()))
  const style = makeStyle(coloured(process.stdout))
  if (words.length === 0) {
    const all = [...new Set([...Object.keys(BUILT_IN), ...plugins.list('explain').map(({ name }) => name)])].toSorted()
    process.stdout.write(options.json ? `${JSON.stringify(all, null, 2)}\n` : `${all.join('\n')}\n`)
    return EXIT.done
  }
  let code: number = EXIT.done
  for (const word of words) {
    try {
      const found = await findTopic(word, plugins, options.complexity as Depth)
      const value = 'list' in found ? found.list : visiblePage(found.page, options.details as Depth)
      if (options.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
      else if ('list' in found) process.stdout.write(found.list.map((each) => `${each}\n`).join(''))
      else if (!options.pretty) process.stdout.write(await printYaml(value))
      else process.stdout.write(`${pageLines(word, value as typeof found.page, style).join('\n')}\n`)
    } catch (error) {
      if (!isChaosError(error)) throw error
      code = showError(error, { json: options.json === true, code: EXIT.usage })
    }
  }
  return code
}
