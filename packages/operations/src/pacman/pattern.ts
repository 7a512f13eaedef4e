/** Whether a name is meant by a pattern of pacman.conf, which are those of the shell: `linux*`. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern.replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.').replaceAll('[!', '[^')
  try {
    return new RegExp(`^(?:${source})$`).test(name)
  } catch {
    return pattern === name // A bracket that is not closed stands for itself.
  }
}
