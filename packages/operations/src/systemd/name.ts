import { z } from 'zod'

const SUFFIX = /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/
const LONGEST = 255

/**
 * The full name of a unit: `.service` where no suffix is given, and characters that no unit may have escaped as `systemctl` does it
 * (`/` becomes `-`, others `\xNN`), so that `backup@/srv/data` is `backup@-srv-data.service`.
 */
export function unitName(given: string): string {
  const name = [...new TextEncoder().encode(given)].map(escaped).join('')
  return SUFFIX.test(name) ? name : `${name}.service`
}

function escaped(byte: number): string {
  const character = String.fromCharCode(byte)
  if (character === '/') return '-'
  return byte < 128 && /[A-Za-z0-9:_.\\@-]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`
}

function wrongUnit(given: string): string | undefined {
  const name = unitName(given)
  if (name.length > LONGEST) return `a name of a unit has at most ${LONGEST} characters`
  if (/^[.@-]/.test(name)) return `${JSON.stringify(given)} is no name of a unit: it starts with ${JSON.stringify(name[0])}`
  return undefined
}

/** Schema of the name of a unit that can run: a template alone cannot. */
export const unit = z
  .string({ error: 'a unit is given by its name: nginx, app.timer, getty@tty1' })
  .min(1, 'a name of a unit is not empty')
  .superRefine((given, check) => {
    const message = wrongUnit(given) ?? (/@\.[a-z]+$/.test(unitName(given)) ? `${JSON.stringify(given)} is a template; name an instance of it, such as ${given.replace(/@.*/, '@NAME')}` : undefined)
    if (message !== undefined) check.addIssue({ code: 'custom', message })
  })
  .transform(unitName)

/** Schema of the name of a unit file, which may be a template. */
export const unitFile = z
  .string({ error: 'a unit file is given by its name: app.service, backup@.service' })
  .min(1, 'a name of a unit is not empty')
  .superRefine((given, check) => {
    const message = wrongUnit(given)
    if (message !== undefined) check.addIssue({ code: 'custom', message })
  })
  .transform(unitName)

export const account = z.string({ error: 'a user is given by name' }).regex(/^[A-Za-z_][A-Za-z0-9_.@-]*\$?$/, 'this is no name of a user')

export const user = account.optional().describe('Units of this user instead of those of the system.')
