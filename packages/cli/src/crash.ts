import { showError } from './show-error.ts'

let watching = false

/**
 * A plugin's mistake that nobody waits for ends chaos at once, and is told like every other error: Node.js itself would print what was
 * thrown, whatever it holds.
 */
export function tellOfCrashes(argv: readonly string[] = process.argv.slice(2)): void {
  if (watching) return
  watching = true
  const end = argv.indexOf('--')
  // Alone or in a bundle: -dsj.
  const json = argv.slice(0, end === -1 ? undefined : end).some((word) => /^(--json|-[a-z]*j[a-z]*)$/.test(word))
  process.on('uncaughtException', (thrown) => process.exit(showError(thrown, { json })))
}
