import { isSecret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { meantOr, unitName, unitSchema, unitUser } from '@chaos/operations'
import * as z from '@chaos/operations/zod'

const list = (what: string) => ({ error: `${what} is a list of paths` })
const path = z
  .string({ error: 'a path is a text' })
  .regex(/^\/[^\0]+$/, 'a path on the host is absolute: it starts with /')
  .refine((value) => !value.split('/').includes('..'), 'a path without ".." is needed: symlinks make it ambiguous')
const text = z.union([z.string(), z.custom<Secret>(isSecret).meta({ format: 'chaos-secret' })], { error: 'it is the text of the file' })
const prefix = z.string().regex(/^[A-Za-z0-9:_.\\@-]+$/, 'with dense_service the name is the beginning of names of units: letters, digits, and : _ . @ -')

const item = z
  .strictObject({
    name: z.string({ error: 'a service is given by its name' }).min(1).describe('The unit; .service is added where no suffix is given. With dense_service the beginning of its name.'),
    state: z.enum(['present', 'absent']).optional().describe('absent = it is stopped, and does not start with the machine. Default present.'),
    running: z.boolean().optional().describe('Whether it runs now. Default true.'),
    on_boot: z.boolean().optional().describe('Whether it starts with the machine. Default true, where the unit can be enabled.'),
    dense_service: z.boolean().optional().describe('The name stands for every installed service, socket, timer and path that begins so. Default false.'),
    masked: z.boolean().optional().describe('true = nothing can start it; false = it is unmasked. Not given = not managed.'),
    restart_on: z.array(path, list('restart_on')).optional().describe('It is restarted when one of these files, or of the files in these folders, is newer than its start.'),
    reload_on: z.array(path, list('reload_on')).optional().describe('It is reloaded when one of these is newer than its last start or reload.'),
    unit: text.optional().describe('The text of its unit file. A change restarts it.'),
    drop_ins: z.record(z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/, 'a drop-in is named by letters, digits, _, . and -'), text).optional().describe('Texts of drop-ins, by name. A change restarts it.'),
    user: unitUser.optional().describe('A unit of this user instead of one of the system.'),
  })
  .superRefine((value, check) => {
    for (const [key, message] of contradictions(value)) check.addIssue({ code: 'custom', path: [key], message })
  })

export type Item = z.output<typeof item>

const each = z.union([z.string().min(1), item], { error: meantOr('a service is a name, or a map with a name') }).transform((value): Item => (typeof value === 'string' ? { name: value } : value))
const many = z.array(each, { error: 'services are a list; leave the key out where they are not managed' }).superRefine((items, check) => {
  const seen = new Set<string>()
  items.forEach(({ name, user, dense_service }, index) => {
    const id = `${dense_service === true ? `${name}*` : unitName(name)} ${user ?? ''}`
    if (seen.has(id)) check.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is listed twice` })
    seen.add(id)
  })
})

export interface Services {
  readonly list: readonly Item[]
  readonly exclusive: boolean
}

export const keys = {
  services: z
    .union([many, z.strictObject({ list: many, exclusive: z.boolean().default(false).describe('Enabled services that are not listed are stopped and disabled, but never what the host is reached by and stands on.') })], {
      error: meantOr('services are a list, or a map { list: […], exclusive: true }'),
    })
    .transform((value): Services => (Array.isArray(value) ? { list: value, exclusive: false } : (value as Services)))
    .describe('Services: what runs, and what starts with the machine.'),
}

function contradictions(value: Item): [string, string][] {
  const { name, state, dense_service, masked, running } = value
  const given = (...wanted: (keyof Item)[]): (keyof Item)[] => wanted.filter((key) => value[key] !== undefined)
  const wrong = (found: readonly string[], why: string): [string, string][] => found.map((key) => [key, `${key} makes no sense ${why}`])
  const checked = (dense_service === true ? prefix : unitSchema).safeParse(name)
  return [
    ...(checked.success ? [] : checked.error.issues.map(({ message }): [string, string] => ['name', message])),
    ...(state === 'absent' ? wrong(given('running', 'on_boot', 'masked', 'restart_on', 'reload_on', 'unit', 'drop_ins'), 'for what is to be absent') : []),
    ...(dense_service === true ? wrong(given('unit', 'drop_ins'), 'with dense_service: it belongs to one unit') : []),
    ...(masked === true ? wrong([...given('restart_on', 'reload_on', 'unit', 'drop_ins'), ...(running === true ? ['running'] : []), ...(value.on_boot === true ? ['on_boot'] : [])], 'for what is masked') : []),
    ...(running === false ? wrong(given('restart_on', 'reload_on'), 'for what is not to run') : []),
  ]
}
