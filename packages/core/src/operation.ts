import { AsyncLocalStorage } from 'node:async_hooks'
import { brand, isKind } from './brand.ts'
import type { Branded } from './brand.ts'
import type { Command } from './command.ts'
import { ChaosError } from './errors.ts'
import type { Elevation, Host } from './host.ts'
import { issuePath, validateNow } from './schema.ts'
import type { Schema } from './schema.ts'
import type { Secret } from './secret.ts'
import type { Touch } from './touch.ts'

/** Text or bytes of a file. */
export type Content = string | Uint8Array | Secret

/** A file to be written: temporary file beside it, owner and mode first, hash checked, then renamed. */
export interface FileWrite {
  path: string
  /** The content; `{ local }` streams a file of the controller. */
  content: Content | { local: string }
  /** User name or id. Default: who the write runs as, or the owner of the file that is there. */
  owner?: string
  group?: string
  /** Octal, as a string: `'0644'`. Default: the mode of the file that is there, else 0644. */
  mode?: string
  /** Keeps the file that was there as `PATH.<time>~`. Default false. */
  backup?: boolean
  /** Checks the new file before it is live: given the temporary path, gives the command that must succeed. */
  validate?: (temporary: string) => Command
}

/** A file to be brought to the controller. */
export interface FileFetch {
  /** Path on the host. */
  from: string
  /** Absolute path on the controller. */
  to: string
}

/** One thing the engine does on the host. Steps of a change run in order; a failure ends the change. */
export type Step =
  | { run: Command; stdin?: Content; /** Exit codes that are success. Default `[0]`. */ exit?: readonly number[] }
  | { write: FileWrite }
  | { fetch: FileFetch }

/** How a value was or will be; `null` = not there. A text of several lines is shown as a diff. */
export type Shown = Content | null

/** Kinds of things whose removal is watched over; of any other kind nothing is known. */
export type RemovalKind = 'user' | 'group' | 'package' | 'service' | 'path' | (string & {})

/** One thing that a change takes away. */
export interface Removal {
  kind: RemovalKind
  name: string
  /** How many of the kind there are on the host: more than a quarter of them at once is asked for. Not given = not known. */
  of?: number
}

/** One difference between what is and what should be. */
export interface Change {
  /** A phrase: `create /etc/motd`, `mode 0600 → 0644`. */
  summary: string
  before?: Shown
  after?: Shown
  /** Takes something away that was there: counted, asked for, and refused for what is protected. With names where one change takes several. */
  removes?: boolean | readonly Removal[]
  /**
   * `access`: may cut off the one who applies it. It is made under the access guard: a timer on the host takes it back unless
   * a new connection confirms it. Changes of files that logins depend on (sudoers, sshd, PAM, the network, authorized keys) are found by their paths.
   */
  risk?: 'access'
  /**
   * How the guard takes it back, after the paths that the operation touches are again as they were: `usermod -s OLD ana`,
   * `systemctl restart ssh`. Run as who made the change.
   */
  undo?: readonly Command[]
  /** It only makes these folders on the way, because they are missing above; shown once a plan, however many want them. */
  parents?: readonly string[]
  do: readonly Step[]
}

/** The difference cannot be known before an earlier change has run; it is compared again at its turn. */
export interface Later {
  later: string
}

/** Empty = already so. */
export type Diff = readonly Change[] | Later

export interface OperationDefinition<I, A> {
  /** `files.directory`. */
  readonly name: string
  readonly args: Schema<I, A>
  /** One sentence, for explain and the docs. */
  readonly about?: string
  /** Arguments that show its use, for explain and the docs; a test holds them against the schema. */
  readonly example?: NoInfer<I>
  /** Compares. Pure but for facts. */
  readonly diff: (args: A, host: Host) => Diff | Promise<Diff>
  /** What its changes touch; not given = everything may have changed. */
  readonly touches?: (args: A) => readonly Touch[]
  /**
   * What its difference hangs on besides what it manages: where an earlier operation of the run will change that, the plan says
   * "known after apply" instead of "nothing to do". A service that restarts when its files are newer follows these files.
   */
  readonly follows?: (args: A) => readonly Touch[]
  /** Always does something (shell, restart, reboot): marked in the plan, exempt from verify. A function where it hangs on the arguments. */
  readonly action?: boolean | ((args: A) => boolean)
  /** How it is named in the plan. Default: its `path` or `name` argument. */
  readonly title?: (args: A) => string
}

/** An entry of a role's memory. */
export interface Remembered {
  id: string
  /** Default true. */
  value?: unknown
}

/** Options every operation takes as its second argument. */
export interface OperationOptions extends Elevation {
  /** Shown instead of the operation's own title. */
  name?: string
  /** Runs only when one of these changed something. */
  ifChanged?: Result | readonly Result[]
  /** Runs only when one of these failed; a failure named so does not end the host. */
  ifFailed?: Result | readonly Result[]
  /** A failure is reported and does not end the host. Default false. */
  ignoreErrors?: boolean
  /** Remembers in the role's state that the role added this, once the operation has changed something. */
  remember?: Remembered | readonly Remembered[]
  /** Forgets what was remembered under this id, once the operation is done or finds nothing to do. */
  forget?: string | readonly string[]
  /** Further tries after a failed step. Default 0. */
  retries?: number
  /** Seconds between tries. Default 1. */
  retryDelay?: number
  /** Seconds each step may take, then it is ended with all it started. Default: the run's `--timeout`. */
  timeout?: number
}

/** A handle of one drawing of an operation: a name for conditions. It carries no outcome. */
export interface Result extends Branded<'result'> {
  readonly operation: string
}

/** An operation a role asks for. `yield*` it for its {@link Result}, or plainly `yield` it. */
export interface Op extends Branded<'operation'> {
  readonly definition: OperationDefinition<never, never>
  readonly args: unknown
  readonly options: OperationOptions
  readonly title: string
  /** Present on what `yield*` hands to the engine: the handle of this drawing, and the operation it was drawn from. */
  readonly result?: Result
  readonly origin?: Op
  [Symbol.iterator](): Generator<Op, Result, void>
}

export type Operation<I, A> = ((args: I, options?: OperationOptions) => Op) & { readonly definition: OperationDefinition<I, A> }

/** Sees what is made while a role is drawn, so that an operation nobody yields can be named. */
export interface Drawing {
  made(op: Op): void
}

const DRAWING = Symbol.for('~chaos')

/** The one module-wide thing, shared by all copies of core: whose drawing is under way. */
export function drawing(): AsyncLocalStorage<Drawing> {
  const shared = globalThis as { [DRAWING]?: AsyncLocalStorage<Drawing> }
  return (shared[DRAWING] ??= new AsyncLocalStorage<Drawing>())
}

/** Defines a desired state of one thing. */
export function defineOperation<I, A>(definition: OperationDefinition<I, A>): Operation<I, A> {
  const make = (args: I, options: OperationOptions = {}): Op => {
    const op = operationOf(definition, args, options)
    drawing().getStore()?.made(op)
    return op
  }
  return Object.assign(make, { definition })
}

export function isOperation(value: unknown): value is Op {
  return isKind(value, 'operation')
}

function operationOf<I, A>(definition: OperationDefinition<I, A>, input: I, options: OperationOptions): Op {
  const { name } = definition
  const checked = validateNow(definition.args as Schema<unknown, A>, input)
  if (checked.issues) {
    const [issue] = checked.issues
    const at = issue ? issuePath(issue).join('.') : ''
    throw new ChaosError('OPERATION_ARGUMENTS', {
      message: `${name} was given arguments it does not take: ${at ? `${at}: ` : ''}${issue?.message ?? 'invalid'}`,
      hint: `chaos explain operations.${name} shows what it takes.`,
    })
  }
  const args = checked.value
  const base = {
    definition: definition as unknown as OperationDefinition<never, never>,
    args,
    options,
    title: options.name ?? definition.title?.(args) ?? titleOf(args),
  }
  const op: Op = brand('operation', { ...base, [Symbol.iterator]: draw })
  // A fresh handle at each iteration: one operation object may serve many hosts.
  function* draw(): Generator<Op, Result, void> {
    const result = brand('result', { operation: name })
    yield brand('operation', { ...base, [Symbol.iterator]: draw, result, origin: op })
    return result
  }
  return op
}

function titleOf(args: unknown): string {
  const { path, name } = (args ?? {}) as { path?: unknown; name?: unknown }
  return typeof path === 'string' ? path : typeof name === 'string' ? name : ''
}
