import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { Host } from './host.ts'
import type { Op } from './operation.ts'
import type { Output, Schema } from './schema.ts'

/** What a role yields. */
export type Steps = Generator<Op, void, void> | AsyncGenerator<Op, void, void> | readonly Op[]

/** The Ch-obolo keys a role reads, each with its schema. */
export type RoleKeys = Record<string, Schema>
/** What stands under a role's keys, as their schemas give it. */
export type Desired<K extends RoleKeys> = { readonly [Name in keyof K]: Output<K[Name]> }

type Items = readonly unknown[] | Readonly<Record<string, unknown>>

/** What differs. All empty = converged, and `plan` is not called. */
export interface Delta {
  /** What is not there yet. */
  add?: Items
  /** What is there, and otherwise. */
  change?: Items
  /** What is there, and shall not be: only what the role added itself, or what is said to be absent. */
  remove?: Items
  /** What is left as it is although it is no longer declared, and why: shown with the plan, no difference. */
  kept?: readonly string[]
}

/** What the members of a full role are given. */
export interface RoleInput<K extends RoleKeys> {
  /** The machine: its name, data and facts. */
  host: Host
  /** The values of the role's keys, validated. */
  desired: Desired<K>
  /** The secrets the role declared, by their full dotted name. */
  secrets: Readonly<Record<string, unknown>>
}

/** The full form of a role, in the order in which its members are called. */
export interface RoleDefinition<K extends RoleKeys, C, D extends Delta, R extends RoleKeys = {}> {
  /** Validation, slicing, types, JSON Schema and template come from here. A key that may be missing is optional in its schema. */
  keys: K
  /** Keys of other roles that it reads along, as far as it needs them. They alone do not make it run, and must be optional. */
  reads?: R
  /** Keys of the secrets file the role gets; `'.'` = all. Default: none. */
  secrets?: readonly string[]
  /** False: it does without those that are not given; otherwise a run without secrets is an error. Default true. */
  needsSecrets?: boolean
  /** One sentence, for `check` and explain. */
  about?: string
  /** Looks, by facts. Must not change anything. What it gives is what `delta` compares. Default: nothing. */
  context?: (input: RoleInput<K & R>) => C | Promise<C>
  /** Compares. Pure: no host, no clock. */
  delta: (context: C) => D
  /** What to do about the difference, as operations. Called only when there is one. */
  plan: (delta: D, input: RoleInput<K & R> & { context: C }) => Steps
}

/** About the run, for the short form. */
export interface RunState {
  /** Of the run, as in its journal. */
  readonly id: string
  /** Nothing is changed in this run. */
  readonly dry: boolean
  /** Names of all hosts of the run. */
  readonly hosts: readonly string[]
}

/** What a role of the short form is given. */
export interface ShortRoleInput {
  /** About the run. */
  state: RunState
  /** The machine: its name, data and facts. */
  host: Host
  /** The slice of the Ch-obolo: the role's keys, resolved for this host. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the short form has no schema; unknown would make its authors annotate everything
  chobolo: Readonly<Record<string, any>>
  /** The absolute path of the Ch-obolo. */
  choboloPath: string
  /** The user said yes to everything beforehand. */
  skipConfirm: boolean
  /** The secrets that the role is given, by their full dotted name. */
  secrets: Readonly<Record<string, unknown>>
}

/** A role of the short form. */
export type ShortRole = (input: ShortRoleInput) => Steps

/** A role, whichever form it was written in. */
export interface Role extends Branded<'role'> {
  /** Which of the two below is there. */
  readonly form: 'short' | 'full'
  /** Of the short form. */
  readonly run?: ShortRole
  /** Of the full form. */
  readonly definition?: RoleDefinition<RoleKeys, unknown, Delta>
}

/** The short form: a function that yields operations. */
export function defineRole(run: ShortRole): Role
/** The full form: keys, context, delta, plan. */
export function defineRole<const K extends RoleKeys, C, D extends Delta, const R extends RoleKeys = {}>(definition: RoleDefinition<K, C, D, R>): Role
export function defineRole(role: ShortRole | RoleDefinition<RoleKeys, unknown, Delta>): Role {
  return typeof role === 'function' ? brand('role', { form: 'short' as const, run: role }) : brand('role', { form: 'full' as const, definition: role })
}

/** Whether a value is a role, of whichever copy of core. */
export function isRole(value: unknown): value is Role {
  return isKind(value, 'role')
}
