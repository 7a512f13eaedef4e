import { ChaosError, defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { editChanges, isPattern } from './edit.ts'
import { backup, path } from './members.ts'

const schema = z
  .strictObject({
    path,
    text: z.string().min(1).optional().describe('The text that is replaced, everywhere, taken as it is.'),
    match: z.string().min(1).refine(isPattern, 'this is no regular expression').optional().describe('Or a regular expression (JavaScript; ^ and $ are ends of lines).'),
    replace: z.string().describe('What stands there instead. With `match`: $1 or $<name> is a group, $$ a dollar.'),
    backup,
  })
  .refine(({ text, match }) => (text === undefined) !== (match === undefined), 'give either text or match')
  .refine(({ text, replace }) => text === undefined || !replace.includes(text), 'the replacement holds the text itself, so each run would replace it again; use match')
type Args = z.output<typeof schema>

/** Every occurrence of a text in a file. */
export const replace = defineOperation({
  name: 'files.replace',
  about: 'Ensures that a text, or what matches a regular expression, is replaced everywhere in a file. A file that is not there is left so.',
  args: schema,
  example: { path: '/etc/site.conf', text: 'http:', replace: 'https:' },
  diff: (args, host) => editChanges({ path: args.path, backup: args.backup, summary: 'replace text', edit: (text) => edited(text, args) }, host),
  touches: ({ path }) => [touch.path(path)],
})

function edited(text: string | null, args: Args): string | null {
  if (text === null) return null
  const once = replaced(text, args)
  if (replaced(once, args) === once) return once
  throw new ChaosError('REPLACE_NOT_STABLE', {
    message: `Replacing ${JSON.stringify(args.match ?? args.text)} in ${args.path} finds itself again, so each run would change the file once more.`,
    hint: 'Write a match that does not match what it is replaced by.',
    details: { path: args.path },
  })
}

function replaced(whole: string, { text, match, replace }: Args): string {
  return match === undefined ? whole.replaceAll(text ?? '', () => replace) : whole.replace(new RegExp(match, 'gmu'), replace)
}
