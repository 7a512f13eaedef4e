import { isSecret, secretText } from '@chaos/core'
import type { Secret } from '@chaos/core'
import { z } from 'zod'
import { secret } from '../files/members.ts'

const plain = z.union([z.string(), z.number(), z.boolean(), secret])
const value = z.union([plain, z.array(plain)])
const sectionName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'a section is named by letters and digits: Unit, Service, Install')
const key = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'a setting is named by letters and digits: ExecStart')

/** Schema of a unit file as a map of sections: `{ Service: { ExecStart: '/usr/bin/app', Environment: ['A=1', 'B=2'] } }`. */
export const sections = z.record(sectionName, z.record(key, value)).describe('Its sections with their settings; a list repeats a setting, true and false are yes and no.')

/** The text of a unit file. A value of several lines goes on behind backslashes; one with a secret makes the whole a secret. */
export function renderSections(given: z.output<typeof sections>): string | Secret {
  const parts = Object.entries(given).map(([name, settings]) =>
    Object.entries(settings).flatMap(([setting, values]) => [values].flat().map((each) => line(setting, each))).reduce<string | Secret>(join, `[${name}]\n`),
  )
  return parts.reduce<string | Secret>((text, part) => (text === '' ? part : join(join(text, '\n'), part)), '')
}

function line(setting: string, value: string | number | boolean | Secret): string | Secret {
  if (isSecret(value)) return secretText`${setting}=${value.map(oneLine)}\n`
  return `${setting}=${typeof value === 'boolean' ? (value ? 'yes' : 'no') : oneLine(String(value))}\n`
}

function oneLine(text: string): string {
  return text.replaceAll('\n', '\\\n')
}

function join(one: string | Secret, other: string | Secret): string | Secret {
  return isSecret(one) || isSecret(other) ? secretText`${one}${other}` : one + other
}
