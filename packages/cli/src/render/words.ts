/** Small pieces of sentences that all screens share. */

/** `1 change`, `3 changes`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** `web1, web2, web3 and 17 more`; this machine by its plain name. */
export function hostList(hosts: readonly string[], shown = 3): string {
  const names = hosts.map(hostName)
  const rest = names.length - shown
  return rest > 1 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ')
}

/** `@local` is what a Ch-obolo says; a person reads `this machine`. */
export function hostName(host: string): string {
  return host === '@local' ? 'this machine' : host
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const kilo = bytes / 1024
  return kilo < 1024 ? `${kilo.toFixed(kilo < 10 ? 1 : 0)} KB` : `${(kilo / 1024).toFixed(1)} MB`
}

/** Who an operation runs as, when it is not the login user: `as root (sudo)`. */
export function runsAs(as: { sudo?: boolean; sudoUser?: string; su?: boolean | string; doas?: boolean | string } | undefined): string | undefined {
  if (!as) return undefined
  if (as.sudoUser !== undefined) return `as ${as.sudoUser} (sudo)`
  if (as.sudo) return 'as root (sudo)'
  if (as.doas) return `as ${as.doas === true ? 'root' : as.doas} (doas)`
  if (as.su) return `as ${as.su === true ? 'root' : as.su} (su)`
  return undefined
}
