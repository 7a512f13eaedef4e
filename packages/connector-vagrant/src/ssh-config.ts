import type { PluginContext } from '@chaos/core'
import { runVagrant } from './program.ts'
import type { Project } from './project.ts'

/** What OpenSSH is told of a machine: by keyword, small letters, the first value of each. */
export type SshConfig = ReadonlyMap<string, string>

/** What Vagrant says of how to reach its machines: a text says why one cannot be reached. Asked once per run, for all that are running. */
export function readSshConfigs(names: readonly string[], project: Project, context: Pick<PluginContext, 'run' | 'cache'>): Promise<ReadonlyMap<string, SshConfig | string>> {
  return context.cache(`vagrant ssh-config ${project.root}`, async () => {
    const all = await ask(names, project, context)
    if (all.complaint === undefined || names.length === 1) return answers(names, all)
    // One machine without SSH keeps Vagrant from telling of those behind it.
    const found = new Map<string, SshConfig | string>()
    for (const name of names) {
      const config = all.configs.get(name)
      for (const [key, value] of config ? [[name, config] as const] : answers([name], await ask([name], project, context))) found.set(key, value)
    }
    return found
  })
}

interface Answer {
  readonly configs: ReadonlyMap<string, SshConfig>
  readonly complaint: string | undefined
}

async function ask(names: readonly string[], project: Project, context: Pick<PluginContext, 'run'>): Promise<Answer> {
  const { code, stdout, stderr } = await runVagrant(['ssh-config', '--no-color', ...names], project, context)
  return { configs: parseSshConfig(stdout), complaint: code === 0 ? undefined : stderr.trim().replaceAll('\n', ' ').slice(0, 1000) || `it ended with code ${code}` }
}

function answers(names: readonly string[], { configs, complaint }: Answer): Map<string, SshConfig | string> {
  return new Map(names.map((name) => [name, configs.get(name) ?? complaint ?? 'it printed nothing of this machine']))
}

/** Blocks that begin with `Host NAME`; values that hold blanks are quoted or not, as Vagrant writes them. */
export function parseSshConfig(text: string): Map<string, SshConfig> {
  const hosts = new Map<string, Map<string, string>>()
  let current: Map<string, string> | undefined
  for (const line of text.split('\n')) {
    const [, keyword, value] = /^\s*([A-Za-z]\w*)\s+(\S.*?)\s*$/.exec(line) ?? []
    if (keyword === undefined || value === undefined) continue
    const key = keyword.toLowerCase()
    const bare = value.replace(/^"(.*)"$/, '$1')
    if (key === 'host') hosts.set(bare, (current = new Map()))
    else if (current && !current.has(key)) current.set(key, bare)
  }
  return hosts
}
