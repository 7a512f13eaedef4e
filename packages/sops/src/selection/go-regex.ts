const CLASSES: Record<string, string> = {
  alnum: '0-9A-Za-z', alpha: 'A-Za-z', ascii: '\\x00-\\x7F', blank: '\\t ', cntrl: '\\x00-\\x1F\\x7F', digit: '0-9', graph: '!-~', lower: 'a-z',
  print: ' -~', punct: '!-\\/:-@\\[-`{-~', space: '\\t\\n\\v\\f\\r ', upper: 'A-Z', word: '0-9A-Za-z_',
}

const SPACES = '\\t\\n\\f\\r '

/**
 * A regular expression of Go (RE2), in which sops writes its rules, as one of JavaScript. Undefined where it has none: what
 * only one of the two understands must not select other values here than there, for then a secret stays in clear.
 */
export function goRegex(source: string): RegExp | undefined {
  const flags = /^\(\?([ims]+)\)/.exec(source)
  const body = translate(source.slice(flags?.[0].length ?? 0), flags?.[1]?.includes('s') === true)
  if (body === undefined) return undefined
  try {
    return new RegExp(body, `u${[...new Set(flags?.[1])].join('')}`)
  } catch {
    return undefined
  }
}

function translate(source: string, dotAll: boolean): string | undefined {
  let result = ''
  let inClass = false
  for (let at = 0; at < source.length; ) {
    const rest = source.slice(at)
    const posix = inClass ? /^\[:(\w+):\]/.exec(rest) : null
    const quoted = /^\\Q([^]*?)(?:\\E|$)/.exec(rest)
    if (posix) {
      const members = CLASSES[posix[1] as string]
      if (members === undefined) return undefined
      result += members
      at += posix[0].length
    } else if (quoted) {
      result += (quoted[1] as string).replace(/[\\^$.*+?()[\]{}|/-]/g, (each) => (each === '-' ? '\\x2d' : `\\${each}`))
      at += quoted[0].length
    } else if (rest[0] === '\\') {
      const escaped = escape(rest, inClass)
      if (escaped === undefined) return undefined
      result += escaped[0]
      at += escaped[1]
    } else if (!inClass && rest.startsWith('(?')) {
      const group = /^\(\?(?:P?<([A-Za-z_]\w*)>|:)/.exec(rest)
      if (!group) return undefined
      result += group[1] === undefined ? '(?:' : `(?<${group[1]}>`
      at += group[0].length
    } else {
      if (!inClass && rest[0] === '[') {
        inClass = true
        // A bracket right behind the opening is itself, in Go.
        const first = /^\[\^?\]/.exec(rest)
        if (first) {
          result += `${first[0].slice(0, -1)}\\]`
          at += first[0].length
          continue
        }
      } else if (inClass && rest[0] === ']') inClass = false
      else if (inClass && rest[0] === '[') {
        result += '\\['
        at++
        continue
      }
      const sign = String.fromCodePoint(rest.codePointAt(0) as number)
      // A brace that counts nothing is itself, in Go; and a dot is all but one line end.
      result += !inClass && sign === '.' && !dotAll ? '[^\\n]' : !inClass && sign === '{' && !/^\{\d+(,\d*)?\}/.test(rest) ? '\\{' : !inClass && sign === '}' && !/\{\d+(,\d*)?$/.test(result) ? '\\}' : sign
      at += sign.length
    }
  }
  return result
}

/** What an escape becomes, and how long it was. */
function escape(rest: string, inClass: boolean): [string, number] | undefined {
  const sign = rest[1]
  if (sign === undefined) return undefined
  if (sign === 'A' && !inClass) return ['(?<![^])', 2]
  if (sign === 'z' && !inClass) return ['(?![^])', 2]
  if (sign === 'a') return ['\\x07', 2]
  // Spaces of ASCII alone.
  if (sign === 's') return [inClass ? SPACES : `[${SPACES}]`, 2]
  if (sign === 'S' && !inClass) return [`[^${SPACES}]`, 2]
  if (/[dDwWtnrfv]/.test(sign) || (/[bB]/.test(sign) && !inClass)) return [`\\${sign}`, 2]
  const code = /^\\x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/.exec(rest)
  if (code) return [`\\u{${code[1] ?? code[2]}}`, code[0].length]
  const property = /^\\([pP])(?:([A-Z])|\{(\^?)([A-Za-z_]+)\})/.exec(rest)
  if (property) {
    const name = property[2] ?? property[4] ?? ''
    const negated = (property[1] === 'P') !== (property[3] === '^')
    return [`\\${negated ? 'P' : 'p'}{${name.length <= 2 ? name : `Script=${name}`}}`, property[0].length]
  }
  if (/[A-Za-z0-9]/.test(sign) || (sign.codePointAt(0) as number) > 0x7f) return undefined
  return [sign === '-' ? '\\x2d' : /[\\^$.*+?()[\]{}|/]/.test(sign) ? `\\${sign}` : `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`, 2]
}
