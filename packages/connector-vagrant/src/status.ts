import type { PluginContext } from '@chaos/core'
import { ChaosError } from '@chaos/core'
import { runVagrant } from './program.ts'
import type { Project } from './project.ts'

export interface Machine {
  readonly name: string
  /** `docker`, `virtualbox`. */
  readonly provider: string
  /** `running`, `poweroff`, `not_created` … */
  readonly state: string
}

/** As they become host names and parts of a path. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._-]{0,254}$/u
/** `active` is what cloud providers call it. */
const RUNNING = new Set(['running', 'active'])

export function isRunning({ state }: Machine): boolean {
  return RUNNING.has(state)
}

/** The machines of a project in the order of its Vagrantfile, asked once per run. Throws `VAGRANT_FAILED`. */
export function readStatus(project: Project, context: Pick<PluginContext, 'run' | 'cache'>): Promise<readonly Machine[]> {
  return context.cache(`vagrant status ${project.root}`, async () => {
    const { code, stdout, stderr } = await runVagrant(['status', '--machine-readable'], project, context)
    const lines = parseLines(stdout)
    if (code !== 0) {
      const why = lines.find(({ type }) => type === 'error-exit')?.data.at(-1) ?? stderr.trim()
      throw failed(`vagrant status failed in ${project.root} with code ${code}: ${why.replaceAll('\n', ' ').slice(0, 1000)}`, project)
    }
    const machines = machinesOf(lines)
    const odd = machines.find(({ name, provider }) => !NAME.test(name) || !NAME.test(provider))
    if (odd) throw failed(`The machine ${JSON.stringify(odd.name)} of ${project.root} has a name that no host can have.`, project, 'Names are letters, digits and . _ - (the first a letter or digit).')
    return machines
  })
}

interface Line {
  readonly target: string
  readonly type: string
  readonly data: readonly string[]
}

/** Lines are `time,machine,type,data,…`; in data, commas and line ends are written otherwise. */
export function parseLines(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [time = '', target = '', type, ...data] = line.trimEnd().split(',')
    if (!/^\d+$/.test(time) || type === undefined) return []
    return [{ target, type, data: data.map((each) => each.replaceAll('%!(VAGRANT_COMMA)', ',').replaceAll(String.raw`\n`, '\n').replaceAll(String.raw`\r`, '\r')) }]
  })
}

function machinesOf(lines: readonly Line[]): Machine[] {
  const value = (name: string, wanted: string): string => lines.find(({ target, type }) => target === name && type === wanted)?.data[0] ?? 'unknown'
  const names = new Set(lines.filter(({ type }) => type === 'state').map(({ target }) => target))
  return [...names].map((name) => ({ name, provider: value(name, 'provider-name'), state: value(name, 'state') }))
}

function failed(message: string, { root }: Project, hint = 'Run it there by hand.'): ChaosError {
  return new ChaosError('VAGRANT_FAILED', { message, hint, details: { directory: root } })
}
