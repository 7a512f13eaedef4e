import type { WantedPackage } from '../server/package-backend.ts'

/** Why this is no name of a package; undefined when it is one. As makepkg has it; a repository in front (`extra/vim`) would be none that is installed. */
export function wrongName(name: string): string | undefined {
  if (/^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*$/.test(name)) return undefined
  return `${JSON.stringify(name)} is no name of a package: letters, digits and @ . _ + - make one, and it begins with none of . and -`
}

/** As pacman takes it: `app`, `app=2.0-1`. */
export function asTarget({ name, version }: WantedPackage): string {
  return version === undefined ? name : `${name}=${version}`
}
