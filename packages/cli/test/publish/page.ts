import path from 'node:path'
import type { Site } from './site.ts'

export interface Block {
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)\n```$/gm)].map(([, language = '', code = '']) => ({ language, code }))
}

/** A shell that is typed into: runs the lines of a block one after the other; `cd` lasts. Gives what each said. */
export function makeTerminal({ must, home, registry }: Site, start: string): (code: string) => Promise<string[]> {
  let cwd = start
  return async (code) => {
    const said: string[] = []
    for (const line of code.split('\n')) {
      const [, folder] = /^cd (\S+)$/.exec(line) ?? []
      if (folder !== undefined) cwd = path.resolve(cwd, folder)
      // The one package of ours without a scope that could name its registry. npx asks before it runs it, and keeps it for the next time.
      else said.push(await must(cwd, 'sh', ['-c', line], line.startsWith('npm create') ? { npm_config_registry: registry.url, npm_config_cache: path.join(home, '.npm'), npm_config_yes: 'true' } : {}))
    }
    return said
  }
}
