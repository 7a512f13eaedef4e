import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { Command } from './command.ts'
import type { Touch } from './touch.ts'

/** What one command answered. */
export interface FactOutput {
  readonly stdout: Uint8Array | string
  /** Exit code; default 0. */
  readonly code?: number
  readonly stderr?: string
}

export interface FactInfo {
  readonly code: number
  readonly stderr: string
  /** stdout as it came, for facts about bytes. */
  readonly bytes: Uint8Array
}

export interface FactDefinition<A extends readonly unknown[], T> {
  /** `files.stat`: for fakes, the journal and explain. */
  readonly name: string
  /** One sentence: what it answers. For the docs. */
  readonly about?: string
  /** The command that looks. May be left out when `many` is given. */
  readonly command?: (...args: A) => Command
  /** Exit codes that are answers. Default `[0]`; any other is an error with its stderr, so that "not there" and "not allowed" never look alike. */
  readonly exit?: readonly number[]
  /** One command for all that ask at once. `split` gives each call its output, in the calls' order. */
  readonly many?: {
    readonly command: (calls: readonly A[]) => Command
    readonly split: (stdout: Uint8Array, calls: readonly A[]) => readonly FactOutput[]
  }
  /** Makes the value of stdout (UTF-8). It is hostile data: check it, never run it. */
  readonly parse: (stdout: string, info: FactInfo, ...args: A) => T
  /** What it reads; not given = anything, so every change makes it stale. */
  readonly reads?: (...args: A) => readonly Touch[]
  /** Symlinks that the answer tells of. */
  links?(value: T, ...args: A): readonly { path: string; target: string }[]
}

/** A question to a host, made by calling a fact: `stat('/etc/hosts')`. */
export interface Fact<T = unknown> extends Branded<'fact'> {
  readonly name: string
  readonly args: readonly unknown[]
  readonly definition: FactDefinition<readonly never[], T>
}

/** Defines one thing to know about a host; gives the function that asks for it. */
export function defineFact<const A extends readonly unknown[], T>(definition: FactDefinition<A, T>): ((...args: A) => Fact<T>) & { definition: FactDefinition<A, T> } {
  if (!definition.command && !definition.many) throw new TypeError(`The fact ${definition.name} has neither a command nor many.`)
  const ask = (...args: A): Fact<T> =>
    brand('fact', { name: definition.name, args, definition: definition as unknown as FactDefinition<readonly never[], T> })
  return Object.assign(ask, { definition })
}

export function isFact(value: unknown): value is Fact {
  return isKind(value, 'fact')
}
