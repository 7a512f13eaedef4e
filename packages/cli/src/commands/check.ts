import { readChobolo, refuseProblems } from '@chaos/chobolo'
import type { Chobolo, Problem } from '@chaos/chobolo'
import { ChaosError, isChaosError } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import { choboloFile, requireChoboloFile } from '../chobolo-file.ts'
import { openConfig } from '../config.ts'
import type { Config, OpenConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { BUILT_IN } from '../explain/topics.ts'
import { pluginsOf } from '../plugins.ts'
import type { CheckOptions } from '../program/options.ts'
import { errorLines } from '../render/error.ts'
import { escapeLine } from '../render/escape.ts'
import { warningLines } from '../render/person.ts'
import { coloured, makeStyle } from '../render/style.ts'
import { count } from '../render/words.ts'
import { allRoles, makeSlice, rolesInFileOrder, unreadKeys } from '../roles.ts'
import type { LoadedRole } from '../roles.ts'
import type { ReadSecret } from '../secret-reader.ts'
import { secretsFile } from '../secrets/files.ts'
import { reportOf } from '../show-error.ts'
import { checkConfig } from './check-config.ts'

type Listing = [value: unknown, text: string[]]

/** What can be listed, by its word. */
const LISTINGS: Readonly<Record<string, (plugins: Plugins, config: Config, options: CheckOptions) => Listing | Promise<Listing>>> = {
  aliases,
  boats: (plugins) => names(plugins, 'boats'),
  connectors,
  explanations: (plugins) => names(plugins, 'explain', Object.keys(BUILT_IN)),
  plugins: packages,
  providers: async (plugins, config, options) => (await import('./check-providers.ts')).checkProviders(plugins, config, { status: options.status === true }),
  roles: (plugins) => names(plugins, 'roles'),
  templates: (plugins) => names(plugins, 'keys'),
}
const WHAT = [...Object.keys(LISTINGS), 'secrets'].toSorted()

/** `chaos check [WHAT]` */
export async function run(what: string | undefined, options: CheckOptions): Promise<number> {
  const opened = await openConfig()
  if (what === undefined) return checkAll(options, opened)
  if (!WHAT.includes(what)) throw new ChaosError('USAGE', { message: `There is nothing called \`${what}\` to check.`, hint: `One of: ${WHAT.join(', ')}; or nothing, to validate the Ch-obolo.` })
  if (what === 'secrets') return (await import('./check-secrets.ts')).checkSecrets(options)
  if (options.status && what !== 'providers') throw new ChaosError('USAGE', { message: `--status asks providers, and no ${what}.`, hint: 'chaos check providers --status' })
  const plugins = await pluginsOf(choboloFile(options.chobolo, opened.config))
  const [value, text] = await (LISTINGS[what] as (typeof LISTINGS)[string])(plugins, opened.config, options)
  process.stdout.write(options.json ? `${JSON.stringify(value, null, 2)}\n` : text.map((line) => `${escapeLine(line)}\n`).join(''))
  showWarnings(opened.unknown)
  return showProblems(plugins) && what === 'plugins' ? EXIT.usage : EXIT.done
}

function names(plugins: Plugins, group: 'boats' | 'explain' | 'keys' | 'roles', more: readonly string[] = []): Listing {
  const all = [...new Set([...more, ...plugins.list(group).map(({ name }) => name)])].toSorted()
  return [all, all]
}

function aliases(plugins: Plugins, { aliases: own = {} }: Config): Listing {
  const all: Record<string, string> = {}
  for (const [name, target] of Object.entries({ ...plugins.aliases, ...own })) all[name] = typeof target === 'string' ? target : target.join(' ')
  return [all, Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, target]) => `${name} → ${target}`)]
}

/** Each with where it is from: which of them there are depends on what is installed. */
function connectors(plugins: Plugins): Listing {
  const rows = plugins.list('connectors').map(({ name, package: from }) => ({ name, package: from, version: plugins.packages.find((each) => each.name === from)?.version }))
  rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  const width = Math.max(...rows.map(({ name }) => name.length))
  return [rows, rows.map(({ name, package: from, version = '' }) => `@${name.padEnd(width)}  ${from} ${version}`.trimEnd())]
}

function packages(plugins: Plugins): Listing {
  const members = (name: string): string[] => plugins.list().filter((each) => each.package === name).map((each) => `${each.group}/${each.name}`)
  const rows = plugins.packages.map(({ name, version, folder, source }) => ({ name, version, source, folder, plugins: members(name) }))
  const shadowed = plugins.shadowed.map(({ name, version, folder, by }) => ({ name, version, folder, by }))
  return [
    { packages: rows, shadowed, problems: plugins.problems.map(reportOf) },
    [
      ...rows.flatMap((row) => [`${row.name} ${row.version ?? ''}`.trimEnd(), `  from ${row.source}: ${row.folder}`, ...row.plugins.map((each) => `  ${each}`)]),
      ...shadowed.map((each) => `not used: ${each.name} ${each.version ?? ''} in ${each.folder}; ${each.by} comes first`),
    ],
  ]
}

/** Shows what discovery found wrong; whether there was anything. */
function showProblems(plugins: Plugins): boolean {
  const style = makeStyle(coloured(process.stderr))
  for (const problem of plugins.problems) process.stderr.write(`${errorLines(reportOf(problem), { style }).join('\n')}\n`)
  return plugins.problems.length > 0
}

function showWarnings(warnings: readonly Problem[]): void {
  const style = makeStyle(coloured(process.stderr))
  for (const each of warnings) process.stderr.write(`${warningLines(each, style).join('\n')}\n`)
}

async function checkAll(options: CheckOptions, opened: OpenConfig): Promise<number> {
  const file = requireChoboloFile(options.chobolo, opened.config)
  const finding = pluginsOf(file)
  let look: Promise<ReadSecret> | undefined
  const reading = readChobolo(file, {
    secret: async (name, reference) => {
      look ??= import('../secrets/look-for.ts').then(({ lookForSecret }) => lookForSecret(finding, async () => secretsFile(options, opened.config, { file, raw: (await reading).raw })))
      return (await look)(name, reference)
    },
  })
  const [chobolo, plugins] = await Promise.all([reading, finding])
  const { roles: all } = await allRoles(plugins)
  const unread = unreadKeys(chobolo, all)
  refuseProblems(unread)
  const problems = [...(await checkConfig(opened, plugins)), ...unread]
  const roles = rolesInFileOrder(all, chobolo)
  const hosts = await validateHosts(chobolo, roles)
  const broken = [...plugins.problems, ...(await loadAll(plugins))]
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ chobolo: file, roles: roles.map(({ tag }) => tag), hosts, warnings: problems, problems: broken.map(reportOf) }, null, 2)}\n`)
  } else {
    const style = makeStyle(coloured(process.stderr))
    showWarnings(problems)
    for (const each of broken) process.stderr.write(`${errorLines(reportOf(each), { style }).join('\n')}\n`)
    const out = makeStyle(coloured(process.stdout))
    const tags = roles.map(({ tag }) => tag).join(', ')
    if (broken.length === 0) process.stdout.write(`${out.green('✔')} ${file}: ${roles.length === 0 ? 'no role has a key in it' : `valid for ${tags}`}${hosts > 0 ? `, on ${count(hosts, 'host')} of the fleet` : ''}.\n`)
  }
  return broken.length > 0 ? EXIT.usage : EXIT.done
}

/** Validates for this machine and for each host of the fleet that is written; gives the number of the latter. */
async function validateHosts(chobolo: Chobolo, roles: readonly LoadedRole[]): Promise<number> {
  const fleet = await chobolo.fleet()
  const slice = makeSlice(chobolo, roles)
  const hosts = fleet && fleet.hosts.length > 0 ? fleet.hosts : [{ name: '@local', data: {}, groups: [] }]
  for (const host of hosts) for (const { tag, role } of roles) await slice(host, { tag, role, explicit: false })
  return fleet?.hosts.length ?? 0
}

/** Imports every plugin once, so that a broken one is known before it is needed. */
async function loadAll(plugins: Plugins): Promise<ChaosError[]> {
  const errors: ChaosError[] = []
  for (const { group, name } of plugins.list()) {
    if (group === 'aliases') continue
    try {
      await plugins.load(group, name)
    } catch (error) {
      if (!isChaosError(error)) throw error
      if (!plugins.problems.includes(error)) errors.push(error)
    }
  }
  return errors
}
