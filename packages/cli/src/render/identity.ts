import type { Identity } from '@chaos/core'
import { escapeLine } from './escape.ts'
import type { Style } from './style.ts'
import { hostName } from './words.ts'

/** Who a machine says it is: its name and the file, then its keys, the fingerprints below one another. */
export function identityLines(host: string, { name, file, keys }: Identity, style: Style): string[] {
  const about = [...(name === host ? [] : [name]), file].map(escapeLine).join(' · ')
  const width = Math.max(0, ...keys.map(({ type }) => type.length))
  const signs = { new: style.green('+'), trusted: style.dim('✓'), changed: style.red('✖') }
  return [
    `${style.bold(hostName(host))} ${style.dim(`· ${about}`)}`,
    ...keys.map(({ type, fingerprint, state }) => {
      const key = `${escapeLine(type).padEnd(width)}  ${escapeLine(fingerprint)}`
      const note = state === 'changed' ? style.red('  not the one that is trusted') : ''
      return `  ${signs[state]} ${state === 'trusted' ? style.dim(`${key}  trusted`) : key}${note}`
    }),
  ]
}
