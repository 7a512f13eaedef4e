/** The seven kinds of plugin, and what each is for. */
export const KINDS = {
  role: 'reads keys of a Ch-obolo and says which operations should hold',
  connector: 'opens a shell on a new kind of machine',
  provider: 'reads secrets from a new place',
  boat: 'finds the hosts of a fleet by asking somebody',
  explain: 'pages for `chaos explain`',
  aliases: 'short names for roles',
  keys: 'example keys for `chaos init chobolo`',
} as const

export type Kind = keyof typeof KINDS

export function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text)
}

/** Kinds that a package's name alone tells; the others are called a plugin, and say in their package.json what they carry. */
const NAMED: readonly Kind[] = ['role', 'connector', 'provider', 'boat']

/** What a plugin is called, as a package and in a Ch-obolo. */
export interface Names {
  readonly kind: Kind
  /** `chaos-role-motd`, `@acme/chaos-role-motd`. */
  readonly package: string
  /** `motd`. */
  readonly plugin: string
}

/**
 * The names from what was given: a plugin's name (`motd`, `@acme/motd`) and its kind, or the package's whole name
 * (`chaos-role-motd`), which may say the kind itself. A sentence when it cannot be.
 */
export function namesOf(given: string, kind: Kind | undefined): Names | string {
  const [, scope = '', rest = ''] = /^(@[^/]+\/)?(.*)$/.exec(given) ?? []
  const [, said, tail] = /^chaos-(role|connector|provider|boat|plugin)-(.+)$/.exec(rest) ?? []
  const told = said !== undefined && said !== 'plugin' ? (said as Kind) : kind
  if (told === undefined) return `Which kind of plugin is ${given}? Give --kind ${Object.keys(KINDS).join(' | ')}.`
  if (kind !== undefined && told !== kind) return `${given} is called a ${told}, and --kind says ${kind}.`
  const plugin = tail ?? rest
  if (!/^[a-z][a-z0-9-]*[a-z0-9]$/.test(plugin)) return `A plugin's name is lower-case letters, digits and hyphens, and begins with a letter: ${JSON.stringify(plugin)} is not.`
  if (scope !== '' && !/^@[a-z0-9][a-z0-9._-]*\/$/.test(scope)) return `${JSON.stringify(scope.slice(0, -1))} is no scope of npm.`
  if (scope === '@chaos/') return 'The scope @chaos is that of chaos itself. Take your own, or none.'
  const name = `${scope}chaos-${NAMED.includes(told) ? told : 'plugin'}-${plugin}`
  return name.length > 214 ? 'The name is too long for npm.' : { kind: told, package: name, plugin }
}
