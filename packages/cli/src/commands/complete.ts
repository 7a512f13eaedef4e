import type { Command } from 'commander'
import { candidatesFor } from '../completion/candidates.ts'
import { makeValues } from '../completion/values.ts'
import { behindBreak, partedLine, quotedForBash } from '../completion/words.ts'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { pluginsOf } from '../plugins.ts'
import { escapeLine } from '../render/escape.ts'

/** `chaos __complete -- WORD…`: the words that may stand in place of the last, a line each, a tab before what it is; `:files` = names of files. */
export async function run(program: Command, given: readonly string[]): Promise<number> {
  const { CHAOS_COMPLETE_LINE: line, CHAOS_COMPLETE_BREAKS: breaks = '' } = process.env
  const bash = line === undefined ? undefined : partedLine(line)
  const words = bash ? bash.words.slice(1) : given
  const word = words.at(-1) ?? ''
  const at = words.findIndex((each) => each === '-c' || each === '--chobolo')
  const chobolo = at === -1 || at >= words.length - 2 ? undefined : words[at + 1]
  const config = () => readConfig()
  const values = makeValues({ config, plugins: async () => pluginsOf(choboloFile(chobolo, await config())), word, chobolo })
  // A shell that waits for a tab has no use for an error.
  const found = await candidatesFor(program, words, values).catch(() => [])
  const lines = found === 'files' ? [':files'] : found.flatMap(({ word: each, about }) => {
    // A line each: what would end one, or move the cursor, is no word that anybody types.
    const shown = escapeLine(each) === each ? behindBreak(each, word, breaks) : undefined
    const written = bash && shown !== undefined ? quotedForBash(shown, bash.quote) : shown
    return written === undefined ? [] : `${written}${about ? `\t${escapeLine(about)}` : ''}`
  })
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  return EXIT.done
}
