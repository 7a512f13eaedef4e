import { ChaosError, isSecret, secret } from '@chaos/core'
import type { Host, Secret } from '@chaos/core'
import type { Environment } from 'minijinja-js'
import { FILTERS } from './filters.ts'
import { wrapOutputs } from './outputs.ts'
import { pythonText } from './python.ts'

export interface RenderOptions {
  /** What an error calls the template. */
  readonly name: string
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
  readonly keepTrailingNewline: boolean
}

/** A hostile or mistaken template ends after this many steps of the engine, a few seconds. */
const FUEL = 20_000_000
const UNDEFINED = '\u0000undefined'
/** How wasm-bindgen calls taking an object's memory from the collector. */
const GIVE_UP = '__destroy_into_raw'

/** Renders a Jinja2 template. With a secret among the variables, the whole text is a secret. */
export async function render(source: string, vars: Readonly<Record<string, unknown>>, host: Host, options: RenderOptions): Promise<string | Secret> {
  const { Environment } = await host.local.hold(() => import('minijinja-js'))
  const { name, data, groups, os } = host
  const values = { host: { name, data, groups, os }, ...vars }
  const secrets = secretsIn(values, options.name)
  const environment = new Environment()
  const failures: string[] = []
  try {
    prepare(environment, options, failures)
    const text = environment.renderStr(wrapOutputs(source, ' | default(chaos_undefined) | tojson | chaos_text'), revealed(values, secrets))
    if (failures[0] !== undefined) throw new Error(failures[0])
    environment.free()
    return secrets.size === 0 ? text : secret(text)
  } catch (cause) {
    abandon(environment)
    throw renderError(options.name, cause, { filter: failures[0], hide: secrets.size > 0 })
  }
}

/**
 * An environment that has thrown cannot be freed: it counts as borrowed for ever. Its memory is given up,
 * and the collector is kept from freeing it, which would throw where nobody can catch it.
 */
function abandon(environment: Environment): void {
  const { [GIVE_UP]: giveUp } = environment as unknown as Record<string, (() => unknown) | undefined>
  giveUp?.call(environment)
}

/**
 * A filter that throws would break the engine for good, and make it print what it worked on. So a failure is
 * noted, and the output it belongs to gets no text: that is an error of the engine's own, which knows the line.
 */
function prepare(environment: Environment, { trimBlocks, lstripBlocks, keepTrailingNewline }: RenderOptions, failures: string[]): void {
  environment.enablePyCompat()
  environment.undefinedBehavior = 'strict'
  environment.trimBlocks = trimBlocks
  environment.lstripBlocks = lstripBlocks
  environment.keepTrailingNewline = keepTrailingNewline
  environment.fuel = FUEL
  environment.addGlobal('chaos_undefined', UNDEFINED)
  environment.addFilter('chaos_text', (json: string) => {
    const text = pythonText(json)
    return text === UNDEFINED || failures.length > 0 ? {} : { text }
  })
  for (const [name, work] of Object.entries(FILTERS)) {
    environment.addFilter(name, (...given: [unknown, ...unknown[]]) => {
      try {
        return work(...given)
      } catch (error) {
        failures.push(`the filter ${name} failed: ${error instanceof Error ? error.message : String(error)}`)
        return ''
      }
    })
  }
}

/** The secrets among values. YAML anchors may put a value in itself, which no text can show: that is an error. */
function secretsIn(value: unknown, name: string, found = new Map<Secret, string>(), above: readonly unknown[] = []): Map<Secret, string> {
  if (isSecret(value)) {
    value.map((text) => {
      found.set(value, text)
      return text
    })
  } else if (typeof value === 'object' && value !== null) {
    if (above.includes(value)) throw new ChaosError('TEMPLATE', { message: `Cannot render ${name}: a value of vars holds itself.`, hint: 'Take the value out of itself.' })
    for (const each of Object.values(value)) secretsIn(each, name, found, [...above, value])
  }
  return found
}

function revealed(value: unknown, secrets: ReadonlyMap<Secret, string>): unknown {
  if (secrets.size === 0 || typeof value !== 'object' || value === null) return value
  if (isSecret(value)) return secrets.get(value)
  if (Array.isArray(value)) return value.map((each) => revealed(each, secrets))
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revealed(each, secrets)]))
}

/** With secrets about, what was complained of may hold one, so only the line is told. */
function renderError(name: string, cause: unknown, { filter, hide }: { filter: string | undefined; hide: boolean }): ChaosError {
  const text = cause instanceof Error ? cause.message : String(cause)
  const line = Number(/\(in <string>:(\d+)\)/.exec(text)?.[1] ?? 0)
  const undefinedValue = filter === undefined && text.includes('undefined value')
  const why = undefinedValue ? 'a variable in it is not defined' : hide ? 'see that line' : (filter ?? text.replace(/ *\(in <string>:\d+\).*/s, ''))
  return new ChaosError('TEMPLATE', {
    message: `Cannot render ${name}${line > 0 ? `, line ${line}` : ''}: ${why}.`,
    hint: undefinedValue ? "Give it in vars, or write {{ name | default('…') }}." : 'Templates are Jinja2; chaos explain operations.files.template tells the differences.',
    ...(line > 0 && name.startsWith('/') ? { position: { file: name, line, column: 1 } } : {}),
  })
}
