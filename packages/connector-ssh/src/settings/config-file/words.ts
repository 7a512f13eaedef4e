import { refused } from '../refused.ts'

/** One line of a configuration file; undefined for blank ones and comments. `rest` is the text as it stands. */
export function readLine(line: string): { keyword: string; rest: string } | undefined {
  const [, keyword, rest = ''] = /^\s*([^\s=#"][^\s=]*|"[^"]*")(?:\s*=\s*|\s+)?(.*?)\s*$/s.exec(line) ?? []
  return keyword === undefined ? undefined : { keyword: keyword.replaceAll('"', '').toLowerCase(), rest }
}

/** The words of a line as OpenSSH splits them: both kinds of quotes, a few escapes, and # begins a comment. */
export function splitWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string
    const next = text[at + 1] ?? ''
    if (sign === '\\' && (`'"\\`.includes(next) || (quote === '' && next === ' ')) && next !== '') {
      word = `${word ?? ''}${next}`
      at++
    } else if (quote === '' && (sign === ' ' || sign === '\t')) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (quote === '' && sign === '#' && word === undefined) break
    else if (quote === '' && `'"`.includes(sign)) {
      quote = sign
      word ??= ''
    } else if (sign === quote) quote = ''
    else word = `${word ?? ''}${sign}`
  }
  if (quote !== '') throw refused('SSH_CONFIG', `A configuration file has a quote that nothing ends: ${text}`, 'End it on the same line.')
  return word === undefined ? words : [...words, word]
}

/** `90`, `5m`, `1h30m` as seconds; undefined when it is no time. */
export function readSeconds(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined
  const factors: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
  return [...text.matchAll(/(\d+)([smhdw]?)/gi)].reduce((sum, [, count, unit = '']) => sum + Number(count) * (factors[unit.toLowerCase()] as number), 0)
}
