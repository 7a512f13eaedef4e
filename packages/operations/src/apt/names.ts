/** Why this is no name of a package in Debian's sense: letters and digits of either case, which some repositories have, plus, minus and dots. */
export function wrongAptName(name: string): string | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9+._-]*[A-Za-z0-9+._](:[a-z0-9-]+)?$/.test(name) || /^[A-Za-z0-9]$/.test(name)) return undefined
  return `${JSON.stringify(name)} is no name of a package: letters, digits and + - . make one (and an architecture: libc6:i386)`
}

/** A word for apt-get that can mean only this package: with its architecture, and a plus that tells to install it, whatever its name ends with. */
export function installWord({ name, version }: { name: string; version?: string | undefined }, architecture: string): string {
  return `${qualified(name, architecture)}${version === undefined ? '' : `=${version}`}+`
}

/** The same for one that is to go. */
export function removeWord(name: string, architecture: string): string {
  return `${qualified(name, architecture)}-`
}

function qualified(name: string, architecture: string): string {
  return name.includes(':') ? name : `${name}:${architecture}`
}
