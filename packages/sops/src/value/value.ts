import { formatFloat, parseFloatText } from './float.ts'
import { parseTimestamp } from './timestamp.ts'

export type ValueType = 'str' | 'int' | 'float' | 'bool' | 'time'

/** A scalar as sops sees it: its type, and the text that is encrypted and hashed (`True`, `1.5`, `12`). */
export interface Value {
  type: ValueType
  text: string
}

/** A value as a program uses it. Whole numbers that a JavaScript number cannot hold are bigints. */
export type PlainValue = string | number | bigint | boolean

const INT64 = 2n ** 63n

export const str = (text: string): Value => ({ type: 'str', text })
export const int = (number: bigint): Value => ({ type: 'int', text: String(number) })
export const float = (number: number): Value => ({ type: 'float', text: formatFloat(number) })
export const bool = (value: boolean): Value => ({ type: 'bool', text: value ? 'True' : 'False' })

export const isInt64 = (number: bigint): boolean => number >= -INT64 && number < INT64

/** The value that a decrypted text of a type stands for; undefined where the text is none of the type. */
export function valueOf(type: string, text: string): Value | undefined {
  switch (type) {
    case 'str':
    case 'bytes':
      return str(text)
    case 'int':
    case 'int64': {
      const number = /^[-+]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
      return number !== undefined && isInt64(number) ? int(number) : undefined
    }
    case 'float': {
      const number = parseFloatText(text)
      return number === undefined ? undefined : float(number)
    }
    case 'bool':
      return /^(1|t|T|true|True|TRUE)$/.test(text) ? bool(true) : /^(0|f|F|false|False|FALSE)$/.test(text) ? bool(false) : undefined
    case 'time': {
      const time = parseTimestamp(text)
      return time === undefined ? undefined : { type: 'time', text: time }
    }
    default:
      return undefined
  }
}

export function plainOf({ type, text }: Value): PlainValue {
  switch (type) {
    case 'str':
    case 'time':
      return text
    case 'int':
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
    case 'float':
      return parseFloatText(text) as number
    case 'bool':
      return text === 'True'
  }
}

/** The value as one writes it: `true`, `1.5`, the text itself. */
export function shownText(value: Value): string {
  return value.type === 'bool' ? value.text.toLowerCase() : value.text
}
