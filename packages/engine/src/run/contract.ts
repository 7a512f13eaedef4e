import type { Elevation, HostReference, PluginContext, Role, Secret } from '@chaos/core'
import type { EngineEvent, Listener, Plan } from '../events/events.ts'
import type { Redactor } from '../events/redactor.ts'

/** A host as overlays and selection see it. */
export interface HostView {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly groups: readonly string[]
  /** Names it was expanded from, outermost first: overlays may name them too. */
  readonly from?: readonly string[]
}

/** What a role gets of the Ch-obolo on one host. */
export interface Slice {
  /** Validated values of the role's keys (full form). */
  readonly desired: Readonly<Record<string, unknown>>
  /** Resolved, as written (short form). */
  readonly chobolo: Readonly<Record<string, unknown>>
}

export interface RoleRequest {
  /** The role's name: what a TAG names, what restrictions name. */
  readonly tag: string
  readonly role: Role
  /** Named on the command line; else it runs where one of its keys is there. */
  readonly explicit: boolean
  /** Secrets that a short form is given, which declares none: keys of the secrets file, `'.'` = all. It does without them where the run has none. */
  readonly secrets?: readonly string[]
}

export interface Restrictions {
  readonly allow_list?: Readonly<Record<string, Readonly<Record<string, boolean>>>>
  readonly black_list?: Readonly<Record<string, Readonly<Record<string, boolean>>>>
}

/** Plugins are named; the engine is given the one function that finds and loads them. */
export type Load = (kind: 'connector' | 'provider' | 'boat', name: string) => Promise<unknown>

export interface RunOptions {
  /** The Ch-obolo's absolute path; relative local files start in its folder. */
  readonly choboloPath: string
  /** Hosts as written; without a fleet `[{ name: '@local' }]`. */
  readonly hosts: readonly HostReference[]
  readonly boats?: readonly { readonly provider: string; readonly config?: unknown }[]
  readonly restrictions?: Restrictions
  /** Groups by host name patterns, with host data of their own; a host's own data win. */
  readonly groups?: Readonly<Record<string, { readonly hosts?: readonly string[]; readonly data?: Readonly<Record<string, unknown>> }>>
  /** Names, globs or `group:NAME`; nothing found is an error. */
  readonly limit?: readonly string[]
  /** The same, taken away again. */
  readonly exclude?: readonly string[]
  /** Whether a connector of this name is installed, told without loading it. */
  readonly isConnector?: (name: string) => boolean
  readonly roles: readonly RoleRequest[]
  /** The role's slice of the Ch-obolo for a host, overlays and interpolation applied, validated; undefined = none of its keys is there. */
  readonly slice: (host: HostView, request: RoleRequest) => Slice | undefined | Promise<Slice | undefined>
  /** The secrets a role declared. */
  readonly secrets?: (host: HostView, request: RoleRequest) => Promise<Readonly<Record<string, unknown>>>
  readonly load: Load
  readonly dry: boolean
  /** Yes to everything beforehand. */
  readonly skipConfirm: boolean
  /** Shown the plan when it changes something and neither `dry` nor `skipConfirm`. */
  readonly confirm?: (plan: Plan) => Promise<boolean>
  /** Asked when a change beyond the confirmed plan would remove something. No function = an error. */
  readonly confirmMore?: (question: { host: string; role: string; summaries: readonly string[] }) => Promise<boolean>
  /** Asked once per elevation, only if a host asks for a password. */
  readonly password?: (ask: { host: string; elevation: Elevation; user: string }) => Promise<Secret | undefined>
  /** Asks on behalf of connectors, boats and providers, before work starts. No function = there is no terminal. */
  readonly prompt?: PluginContext['prompt']
  /** `--sudo`: the lowest default. */
  readonly elevation?: Elevation
  /** Hosts worked on at once. Default 50; 0 = all. */
  readonly parallelism?: number
  /** Seconds a step may take when it says nothing itself. Default none. */
  readonly timeout?: number
  /** More removals than this on a host stop with a question. Default 10, or a quarter of what is there where that is known and less; a single one may always go. */
  readonly maxRemovals?: number
  /** Seconds after which a change that may cut us off is taken back unless a new connection confirms it. Default 60; 0 = no access guard. */
  readonly guard?: number
  /** First abort: nothing new starts. */
  readonly signal?: AbortSignal
  /** Second abort: what runs on the hosts is ended. */
  readonly kill?: AbortSignal
  readonly listeners?: readonly Listener[]
  /** One that already knows the secrets of the Ch-obolo. Default: a new one. */
  readonly redactor?: Redactor
  /** Folder of the journal; not given = no journal. */
  readonly journal?: string
  /** A name for who applies, shown in locks. Default `USER@HOSTNAME`. */
  readonly controller?: string
  readonly id?: string
}

export interface RunResult {
  readonly id: string
  readonly plan: Plan
  readonly end: Extract<EngineEvent, { type: 'run.end' }>
  /** The last event of each host. */
  readonly hosts: readonly Extract<EngineEvent, { type: 'host.end' }>[]
}
