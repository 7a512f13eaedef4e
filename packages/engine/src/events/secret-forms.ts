import { quote } from '@chaos/core'

/** Values shorter than this are no secrets to look for: too much else looks like them. */
export const SHORTEST = 4
/** The middle of an encoded text is looked for only if it is at least this long. */
const SHORTEST_MIDDLE = 8
/** Letters of a line of base64, as base64(1) and as PEM breaks it. */
const LINES = [76, 64]
/** What every second sentence has is no secret to look for, whoever keeps it. A number is one: it may be a PIN. */
const NO_SECRET = /^(true|false|null)$/i

/** The ways a secret may show up in a text: as it is, each of its lines, and as other programs write it. */
export function secretForms(secret: string): string[] {
  const texts = [secret, secret.trim(), ...secret.split(/\r?\n/).map((line) => line.trim())]
  const forms = new Set<string>()
  for (const text of texts) {
    if (text.length < SHORTEST || NO_SECRET.test(text)) continue
    for (const form of formsOf(text)) if (form.length >= SHORTEST) forms.add(form)
  }
  return [...forms]
}

function formsOf(text: string): string[] {
  // Halves of characters cannot be encoded; they become what any UTF-8 writer makes of them.
  const whole = Buffer.from(text).toString()
  const always = [text, ...base64Forms(text), ...hexForms(text)]
  // Most lines of keys are written alike everywhere; a secret may have thousands of them.
  if (/^[\w.-]*$/.test(text)) return always
  const encoded = [...always, ...urlForms(whole), ...jsonForms(text)]
  return /^[\w./+=:,@-]*$/.test(text) ? encoded : [...encoded, ...shellForms(text), ...markupForms(text)]
}

function hexForms(text: string): string[] {
  const hex = Buffer.from(text).toString('hex')
  return [hex, hex.toUpperCase()]
}

function urlForms(whole: string): string[] {
  const url = encodeURIComponent(whole)
  return [
    url,
    url.replaceAll('%20', '+'),
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encodeURI(whole),
    // What others encode as well: ! ' ( ) *
    url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
  ]
}

/** As JavaScript, PHP, Python and Go write it. */
function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  return [json, json.replaceAll('/', '\\/'), json.replace(/[^\0-\x7f]/g, escapedUnit), json.replace(/[<>&\u2028\u2029]/g, escapedUnit)]
}

function escapedUnit(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Single quotes as chaos, as shells and as YAML and SQL write them; those of `$'…'` and of Python; double quotes; `printf %q`. */
function shellForms(text: string): string[] {
  return [
    quote(text.replaceAll('\0', '')),
    ...[`'\\''`, `'"'"'`, "''"].map((by) => text.replaceAll("'", by)),
    text.replace(/['\\]/g, '\\$&'),
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./\u0080-\uffff-]/g, '\\$&'),
  ]
}

/** XML and HTML, in the ways in which quotes are written there. */
function markupForms(text: string): string[] {
  const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return [markup, ...[['&quot;', '&#39;'], ['&quot;', '&#x27;'], ['&quot;', '&apos;'], ['&#34;', '&#39;']].map(([double = '', single = '']) => markup.replaceAll('"', double).replaceAll("'", single))]
}

/** Whole, its lines, and its middle at each of the three places it can have in a longer text: `user:password` in a header. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  const middles = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '')
    const start = offset === 0 ? 0 : offset + 1
    const end = (offset + bytes.length) % 3 === 0 ? encoded.length : encoded.length - 1
    return encoded.slice(start, end)
  })
  const whole = bytes.toString('base64')
  // The last line is without what depends on a line end behind the text.
  const lines = LINES.flatMap((length) => (whole.length > length ? (middles[0]?.match(new RegExp(`.{1,${length}}`, 'g')) ?? []) : []))
  const parts = [...middles, ...lines].filter((each) => each.length >= SHORTEST_MIDDLE)
  return [whole, whole.replace(/=+$/, ''), ...parts].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}
