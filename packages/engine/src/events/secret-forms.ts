import { quote } from '@chaos/core'

/** Values shorter than this are no secrets to look for: too much else looks like them. */
export const SHORTEST = 4
/** The middle of an encoded text is looked for only if it is at least this long. */
const SHORTEST_MIDDLE = 8

/** The ways a secret may show up in a text: as it is, each of its lines, and as other programs write it. */
export function secretForms(secret: string): string[] {
  const texts = [secret, secret.trim(), ...secret.split(/\r?\n/).map((line) => line.trim())]
  const forms = new Set<string>()
  for (const text of texts) {
    if (text.length < SHORTEST) continue
    for (const form of formsOf(text)) if (form.length >= SHORTEST) forms.add(form)
  }
  return [...forms]
}

function formsOf(text: string): string[] {
  // Halves of characters cannot be encoded; they become what any UTF-8 writer makes of them.
  const whole = Buffer.from(text).toString()
  const url = encodeURIComponent(whole)
  const json = JSON.stringify(text).slice(1, -1)
  return [
    text,
    ...base64Forms(text),
    url,
    url.replaceAll('%20', '+'),
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURI(whole),
    // What others encode as well: ! ' ( ) *
    url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
    json,
    json.replaceAll('/', '\\/'),
    quote(text.replaceAll('\0', '')),
    text.replaceAll("'", `'\\''`),
    text.replaceAll("'", `'"'"'`),
  ]
}

/** Whole, and its middle at each of the three places it can have in a longer text: `user:password` in a header. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  const middles = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '')
    const start = offset === 0 ? 0 : offset + 1
    const end = (offset + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1
    return encoded.slice(start, end)
  })
  const whole = bytes.toString('base64')
  return [whole, whole.replace(/=+$/, ''), ...middles.filter((middle) => middle.length >= SHORTEST_MIDDLE)].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}
