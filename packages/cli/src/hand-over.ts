import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { OWN_PACKAGE } from './own-package.ts'

type Main = (argv: readonly string[], options: { handedOver: boolean }) => Promise<number>

/**
 * The `main` of the project's own @chaos/cli, when the command that was started is another copy: a project pins
 * the versions it was written for. Undefined when there is none, or when it is this one.
 */
export async function projectMain(words: readonly string[]): Promise<Main | undefined> {
  const from = startOf(words)
  // Most folders have none; nothing is imported to find that out.
  if (!mentioned(from)) return undefined
  const { projectCli } = await import('@chaos/discovery')
  const entry = projectCli(from, OWN_PACKAGE)
  if (entry === undefined) return undefined
  const { main } = (await import(pathToFileURL(entry).href)) as { main?: Main }
  return main
}

/** Where the project is looked for: at the Ch-obolo, else here. */
function startOf(words: readonly string[]): string {
  const at = words.indexOf('--chobolo')
  const joined = words.find((word) => word.startsWith('--chobolo='))?.slice('--chobolo='.length)
  const file = joined ?? (at === -1 ? undefined : words[at + 1])
  return file === undefined ? process.cwd() : path.dirname(path.resolve(file))
}

function mentioned(start: string): boolean {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (textOf(path.join(folder, 'package.json')).includes('"@chaos/cli"')) return true
    if (folder === path.dirname(folder)) return false
  }
}

/** Empty where there is none, and where it cannot be read: discovery tells that. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
