import { defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { editChanges, isPattern, linesOf, textOfLines } from './edit.ts'
import { backup, path, present } from './members.ts'

const oneLine = z.string().refine((value) => !value.includes('\n'), 'a line holds no line end; files.block takes several lines')
const pattern = z.string().min(1).refine(isPattern, 'this is no regular expression')

const schema = z
  .strictObject({
    path,
    line: oneLine.optional().describe('The line as it should be. With `present: false` it may be left out when `match` is given.'),
    match: pattern.optional().describe('A regular expression (JavaScript) for the line that is replaced, or removed. Not given = the line itself. With several, the last one is replaced.'),
    present,
    backup,
  })
  .superRefine(({ line, match, present }, check) => {
    if (line === undefined && (present || match === undefined)) check.addIssue({ code: 'custom', path: ['line'], message: present ? 'a line is needed' : 'give line or match' })
    // Otherwise each run would find the old line gone and add another.
    if (present && line !== undefined && match !== undefined && !new RegExp(match, 'u').test(line)) {
      check.addIssue({ code: 'custom', path: ['match'], message: 'match does not match the line itself, so the line would not be found again' })
    }
  })
type Args = z.output<typeof schema>

/** One line of a text file. */
export const line = defineOperation({
  name: 'files.line',
  about: 'Ensures that a text file holds a line, in place of the one that matches or else at its end, or that it holds no such line.',
  args: schema,
  example: { path: '/etc/ssh/sshd_config', line: 'Port 22', match: '^#?Port ' },
  diff: (args, host) => editChanges({ path: args.path, backup: args.backup, summary: args.present ? 'set line' : 'remove line', removes: !args.present, edit: (text) => edited(text, args) }, host),
  touches: ({ path }) => [touch.path(path)],
})

function edited(text: string | null, { line = '', match, present }: Args): string | null {
  if (text === null) return present ? `${line}\n` : null
  const lines = linesOf(text)
  const expression = match === undefined ? undefined : new RegExp(match, 'u')
  const meant = (each: string) => (expression ? expression.test(each) : each === line)
  if (!present) return lines.some(meant) ? textOfLines(lines.filter((each) => !meant(each))) : text
  const index = lines.findLastIndex(meant)
  if (lines[index] === line) return text
  return textOfLines(index < 0 ? [...lines, line] : lines.with(index, line))
}
