import { pathToFileURL } from 'node:url'
import { API, brandOf, ChaosError } from '@chaos/core'
import type { PluginEntry } from './discover.ts'
import { LOADABLE } from './groups.ts'
import type { LoadableGroup, Loaded } from './groups.ts'
import { wrongApi } from './manifest.ts'
import { isRecord } from './package-json.ts'
import { conditionsOf, resolveExport } from './resolve-export.ts'

/** Imports the one module that holds the plugin, and checks what it exports. */
export async function loadPlugin<G extends LoadableGroup>(entry: PluginEntry & { group: G }, conditions: readonly string[]): Promise<Loaded[G]> {
  const { group, spec } = entry
  const [subpath = '.', exported = 'default'] = spec.split('#')
  const file = resolveExport(entry.folder, subpath, conditionsOf(conditions))
  if (!file) throw noSuchExport(entry, subpath)
  const module = await importModule(entry, file)
  const { value, brand } = lookAt(entry, file, () => {
    const found = memberOf(module, exported)
    return { value: found, brand: brandOf(found) }
  })
  if (value === undefined) throw lookAt(entry, file, () => nothingExported(entry, module, exported))
  if (brand?.kind !== LOADABLE[group].kind) throw wrongKind(entry, exported, brand?.kind)
  if (brand.api !== API) throw wrongApi(entry.package, brand.api)
  return value as Loaded[G]
}

type Module = Readonly<Record<string, unknown>>

async function importModule(entry: PluginEntry, file: string): Promise<Module> {
  try {
    return (await import(pathToFileURL(file).href)) as Module
  } catch (cause) {
    throw thrownBy(entry, file, cause)
  }
}

/** A getter or a proxy among the exports runs code of the plugin too. */
function lookAt<T>(entry: PluginEntry, file: string, look: () => T): T {
  try {
    return look()
  } catch (cause) {
    throw thrownBy(entry, file, cause)
  }
}

function thrownBy(entry: PluginEntry, file: string, cause: unknown): ChaosError {
  return new ChaosError('PLUGIN_IMPORT', {
    message: `The plugin ${entry.package} cannot be loaded: ${said(cause)}`,
    hint: `The mistake is in ${file}, or in what it imports. Update or reinstall ${entry.package}.`,
    details: { ...about(entry), file },
    cause,
  })
}

/** Anything may be thrown, also what cannot be turned into text. */
function said(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : `it threw ${typeof cause === 'object' && cause !== null ? 'something that is no error' : String(cause)}`
  } catch {
    return 'it threw something that is no error'
  }
}

/** A CommonJS module that was compiled from ESM carries its exports below `default`. */
function memberOf(module: Module, name: string): unknown {
  const compiled = isRecord(module.default) && !brandOf(module.default) ? module.default : undefined
  return name === 'default' ? (compiled?.default ?? module.default) : (module[name] ?? compiled?.[name])
}

function noSuchExport(entry: PluginEntry, subpath: string): ChaosError {
  return new ChaosError('PLUGIN_NO_EXPORT', {
    message: `The plugin ${entry.package} promises ${its(entry)} at \`${subpath}\`, but exports no such file.`,
    hint: `Its package.json needs \`${subpath}\` under \`exports\`, and the file must be there (is it built?): ${entry.folder}`,
    details: about(entry),
  })
}

function nothingExported(entry: PluginEntry, module: Module, exported: string): ChaosError {
  const { kind } = LOADABLE[entry.group as LoadableGroup]
  const fitting = Object.keys(module).filter((name) => brandOf(module[name])?.kind === kind)
  const [subpath] = entry.spec.split('#')
  return new ChaosError('PLUGIN_NO_EXPORT', {
    message: `The plugin ${entry.package} promises ${its(entry)}, but its module has no ${exported === 'default' ? 'default export' : `export \`${exported}\``}.`,
    hint: fitting.length > 0
      ? `It exports ${fitting.join(', ')}: name one in its package.json, as "${subpath}#${fitting[0]}".`
      : `Export what ${LOADABLE[entry.group as LoadableGroup].define}() gives.`,
    details: { ...about(entry), exports: Object.keys(module) },
  })
}

function wrongKind(entry: PluginEntry, exported: string, kind: string | undefined): ChaosError {
  return new ChaosError('PLUGIN_WRONG_KIND', {
    message: `The plugin ${entry.package} promises ${its(entry)}, but its ${exported === 'default' ? 'default export' : `export \`${exported}\``} is ${kind ? `of the kind ${kind}` : 'nothing that chaos knows'}.`,
    hint: `Export what ${LOADABLE[entry.group as LoadableGroup].define}() of @chaos/core gives.`,
    details: { ...about(entry), found: kind ?? null },
  })
}

function its({ group, name }: PluginEntry): string {
  return `the ${LOADABLE[group as LoadableGroup].noun} \`${name}\``
}

function about({ package: packageName, version, folder, group, name }: PluginEntry): Record<string, unknown> {
  return { package: packageName, version, folder, group, name }
}
