import type { Command } from 'commander'
import { candidatesFor } from '../completion/candidates.ts'
import { makeValues } from '../completion/values.ts'
import { behindBreak, wordsOf } from '../completion/words.ts'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { pluginsOf } from '../plugins.ts'

/** `chaos __complete -- WORD…`: the words that may stand in place of the last, a line each, a tab before what it is; `:files` = names of files. */
export async function run(program: Command, given: readonly string[]): Promise<number> {
  const { CHAOS_COMPLETE_LINE: line, CHAOS_COMPLETE_BREAKS: breaks = '' } = process.env
  const words = line === undefined ? given : wordsOf(line).slice(1)
  const word = words.at(-1) ?? ''
  const at = words.findIndex((each) => each === '-c' || each === '--chobolo')
  const chobolo = at === -1 || at >= words.length - 2 ? undefined : words[at + 1]
  const config = () => readConfig()
  const values = makeValues({ config, plugins: async () => pluginsOf(choboloFile(chobolo, await config())), word, chobolo })
  // A shell that waits for a tab has no use for an error.
  const found = await candidatesFor(program, words, values).catch(() => [])
  const lines = found === 'files' ? [':files'] : found.map(({ word: each, about }) => `${behindBreak(each, word, breaks)}${about ? `\t${about.split('\n')[0]}` : ''}`)
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
  return EXIT.done
}
