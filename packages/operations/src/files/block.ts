import { ChaosError, defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { editChanges, isPattern, linesOf, textOfLines } from './edit.ts'
import { backup, path, present } from './members.ts'

const pattern = z.string().min(1).refine(isPattern, 'this is no regular expression').optional()

const schema = z
  .strictObject({
    path,
    content: z.string().optional().describe('The lines between the markers.'),
    marker: z.string().min(1).refine((value) => value.includes('{mark}') && !value.includes('\n'), 'a marker is one line that holds {mark}').default('# {mark} chaos')
      .describe('The lines around the block; {mark} becomes BEGIN and END. Several blocks in a file need markers of their own.'),
    before: pattern.describe('A new block stands before the first line that matches this regular expression (JavaScript).'),
    after: pattern.describe('A new block stands after the last line that matches this regular expression. Where nothing matches: at the end.'),
    present,
    backup,
  })
  .superRefine(({ content, marker, before, after, present }, check) => {
    if (present && content === undefined) check.addIssue({ code: 'custom', path: ['content'], message: 'a block needs content' })
    if (before !== undefined && after !== undefined) check.addIssue({ code: 'custom', path: ['before'], message: 'give either before or after' })
    if (linesOf(content ?? '').some((line) => line === markOf(marker, 'BEGIN') || line === markOf(marker, 'END'))) {
      check.addIssue({ code: 'custom', path: ['content'], message: 'the content holds a marker line' })
    }
  })
type Args = z.output<typeof schema>

/** Some lines of a text file, between two marker lines. */
export const block = defineOperation({
  name: 'files.block',
  about: 'Ensures that a text file holds a block of lines between two markers, or that it holds no such block.',
  args: schema,
  example: { path: '/etc/hosts', content: '10.0.0.5 db' },
  diff: (args, host) => editChanges({ path: args.path, backup: args.backup, summary: args.present ? 'set block' : 'remove block', removes: !args.present, edit: (text) => edited(text, args) }, host),
  touches: ({ path }) => [touch.path(path)],
})

function edited(text: string | null, args: Args): string | null {
  const { path, content = '', marker, present } = args
  const [begin, end] = [markOf(marker, 'BEGIN'), markOf(marker, 'END')]
  const block = [begin, ...linesOf(content), end]
  if (text === null) return present ? textOfLines(block) : null
  const lines = linesOf(text)
  const start = lines.indexOf(begin)
  const stop = start < 0 ? -1 : lines.indexOf(end, start)
  if (start >= 0 && stop < 0) {
    throw new ChaosError('BLOCK_OPEN', { message: `${path} holds ${JSON.stringify(begin)} without the line that ends it.`, hint: `Write ${JSON.stringify(end)} where the block ends.`, details: { path } })
  }
  if (start < 0) return present ? textOfLines(lines.toSpliced(placeOf(lines, args), 0, ...block)) : text
  if (present && lines.slice(start, stop + 1).join('\n') === block.join('\n')) return text
  return textOfLines(lines.toSpliced(start, stop - start + 1, ...(present ? block : [])))
}

function placeOf(lines: readonly string[], { before, after }: Args): number {
  const last = lines.length
  if (before !== undefined) {
    const found = lines.findIndex((line) => new RegExp(before, 'u').test(line))
    return found < 0 ? last : found
  }
  if (after === undefined) return last
  const found = lines.findLastIndex((line) => new RegExp(after, 'u').test(line))
  return found < 0 ? last : found + 1
}

function markOf(marker: string, mark: 'BEGIN' | 'END'): string {
  return marker.replaceAll('{mark}', mark)
}
