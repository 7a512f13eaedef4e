import type { Value } from '../value/value.ts'
import { shownText } from '../value/value.ts'
import { resolvePlain } from './yaml-resolve.ts'

/** Words that YAML 1.1 takes for true and false; sops does not, others who read the file may. */
const YAML_1_1 = /^(y|n|yes|no|on|off)$/i
/** What a parser may refuse or change: control signs, other line ends, signs of no text. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\uFEFF\uFFFE\uFFFF]/u
const ESCAPED = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g

export interface Place {
  /** In braces or brackets. */
  flow: boolean
  /** Column of the keys or dashes around it. */
  column: number
  /** Nothing follows on its line, so that it may become a block of lines. */
  alone: boolean
}

/** A value in YAML, so that it reads back as the same value of the same type. */
export function printYaml(value: Value, place: Place): string {
  const text = shownText(value)
  switch (value.type) {
    case 'bool':
    case 'int':
    case 'time':
      return text
    case 'float':
      return text === 'NaN' ? '.nan' : text.endsWith('Inf') ? `${text.startsWith('-') ? '-' : ''}.inf` : text.includes('.') ? text : `${text}.0`
    case 'str':
      if (isPlain(text, place.flow)) return text
      return place.alone && !place.flow && isBlock(text) ? block(text, place.column) : quoted(text)
  }
}

/** A text in double quotes; JSON's escapes are YAML's too. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function isPlain(text: string, flow: boolean): boolean {
  const resolved = resolvePlain(text)
  if (resolved === null || typeof resolved === 'string' || resolved.type !== 'str' || YAML_1_1.test(text)) return false
  if (UNPRINTABLE.test(text) || /^[\s\-?:,[\]{}#&*!|>'"%@`=<]|^\.\.\.|\s$|:(\s|$)|\s#/u.test(text)) return false
  return !flow || !/[,[\]{}:?]/.test(text)
}

/** Whether lines keep their text as a block: no signs that end lines elsewhere, no spaces that only a block can lose. */
function isBlock(text: string): boolean {
  if (!/[^\n]\n/.test(text) && !/\n[^\n]/.test(text)) return false
  if (/^\s|\n\n$/u.test(text) || text.split('\n').some((line) => /\s$/u.test(line))) return false
  return !UNPRINTABLE.test(text.replaceAll('\n', ''))
}

function block(text: string, column: number): string {
  // The next step of four, as sops indents.
  const indent = ' '.repeat(4 * Math.floor(column / 4 + 1))
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${text.endsWith('\n') ? '' : '-'}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`
}
