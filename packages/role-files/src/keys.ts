import { isSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import * as z from '@chaos/operations/zod'

const octal = z
  .string({ error: (issue) => (typeof issue.input === 'number' ? `a mode is written in quotes: mode: "0644" (as a number YAML reads it as something else)` : 'a mode is a string of octal digits: "0644"') })
  .regex(/^0{0,2}[0-7]{3,4}$/, 'a mode is three or four octal digits in quotes: "0644"')

/** One item of the list `files`. */
const item = z
  .strictObject({
    path: z
      .string()
      .regex(/^\/[^\0]*$/, 'a path on the host is absolute: it starts with /')
      .refine((path) => !path.split('/').includes('..'), 'a path without ".." is needed: symlinks make it ambiguous')
      .describe('Absolute path on the host.'),
    state: z.enum(['file', 'directory', 'link', 'absent']).optional().describe('What it is. Default: what the other keys say; a path alone, or one that ends with /, is a directory.'),
    content: z.union([z.string(), z.custom<Secret>(isSecret).meta({ format: 'chaos-secret' })], { error: 'the content is a text (in quotes, if it looks like something else)' }).optional().describe('What the file holds.'),
    source: z.string().min(1).optional().describe('A file of the controller whose content it has; a relative path starts at the Ch-obolo.'),
    template: z.string().min(1).optional().describe('A Jinja2 template of the controller; `host` and `vars` stand in it.'),
    vars: z.record(z.string(), z.unknown()).optional().describe('Variables of the template.'),
    target: z.string().min(1).optional().describe('Where the link leads.'),
    owner: z.string().min(1).optional().describe('Owner, by name, or by id in quotes. Not given = not managed.'),
    group: z.string().min(1).optional().describe('Group, by name, or by id in quotes. Not given = not managed.'),
    mode: octal.optional().describe('Permissions, octal in quotes. Not given = not managed.'),
    sudo: z.boolean().optional().describe('As root, through sudo. Default: as the host says, else the login user.'),
  })
  .superRefine((value, check) => {
    for (const [key, message] of contradictions(value)) check.addIssue({ code: 'custom', path: [key], message })
  })

export type Item = z.output<typeof item>
type State = NonNullable<Item['state']>

export const keys = {
  files: z.array(item).describe('Files, directories and links.').meta({ examples: [[{ path: '/tmp/hello', content: 'hello\n', mode: '0644' }]] }),
}

/** What an item is: said, or seen from its other keys. */
export function stateOf({ state, target, content, source, template }: Pick<Item, 'state' | 'target' | 'content' | 'source' | 'template'>): State {
  if (state !== undefined) return state
  if (target !== undefined) return 'link'
  return content !== undefined || source !== undefined || template !== undefined ? 'file' : 'directory'
}

const FORBIDDEN: Record<State, readonly (keyof Item)[]> = {
  file: ['target'],
  directory: ['target', 'content', 'source', 'template', 'vars'],
  link: ['content', 'source', 'template', 'vars', 'mode'],
  absent: ['target', 'content', 'source', 'template', 'vars', 'owner', 'group', 'mode'],
}

function contradictions(value: Item): [string, string][] {
  const state = stateOf(value)
  const found: [string, string][] = FORBIDDEN[state].filter((key) => value[key] !== undefined).map((key) => [key, `${key} makes no sense for ${NAMES[state]}`])
  const contents = (['content', 'source', 'template'] as const).filter((key) => value[key] !== undefined)
  if (state === 'file' && contents.length > 1) found.push([contents[1] as string, `give one of ${contents.join(' and ')}, not both`])
  if (state === 'link' && value.target === undefined) found.push(['target', 'a link needs a target'])
  if (value.vars !== undefined && value.template === undefined && state === 'file') found.push(['vars', 'vars are for a template'])
  return found
}

const NAMES: Record<State, string> = { file: 'a file', directory: 'a directory', link: 'a link', absent: 'something that is to be absent' }
