const PATTERN = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:([Tt])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?))?$/

/**
 * A YAML timestamp as Go's `time.Time` writes itself (RFC 3339, fractions without trailing zeros), or undefined. What sops
 * takes for one is what go-yaml does: a date; a date, T, a time and a zone; a date, a space and a time.
 */
export function parseTimestamp(text: string): string | undefined {
  const found = PATTERN.exec(text)
  if (!found) return undefined
  const [, year = '', month = '', day = '', , h1, m1, s1, f1, zone = 'Z', h2, m2, s2, f2] = found
  const [hour, minute, second] = [h1 ?? h2 ?? '0', m1 ?? m2 ?? '0', s1 ?? s2 ?? '0']
  if (Number(month) < 1 || Number(month) > 12 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (Number(day) < 1 || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined
  if (zone !== 'Z' && (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(4)) > 59)) return undefined
  const two = (part: string): string => part.padStart(2, '0')
  const fraction = (f1 ?? f2 ?? '').slice(0, 9).replace(/0+$/, '')
  const offset = /^[-+]00:00$/.test(zone) ? 'Z' : zone
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction && `.${fraction}`}${offset}`
}
