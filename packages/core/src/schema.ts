/**
 * The Standard Schema interface (https://standardschema.dev), copied so that core depends on nothing.
 * Any schema library that has it can describe arguments, keys and host data; ours use zod.
 */
export interface Schema<I = unknown, O = I> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<O> | Promise<SchemaResult<O>>
    readonly types?: { readonly input: I; readonly output: O } | undefined
    /** JSON Schema of it, where the library can give one (Standard JSON Schema). */
    readonly jsonSchema?: {
      readonly input: (options: { target: string }) => Record<string, unknown>
      readonly output: (options: { target: string }) => Record<string, unknown>
    }
  }
}

export type SchemaResult<O> =
  | { readonly value: O; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export type Input<S> = S extends { '~standard': { types?: infer T } } ? NonNullable<T> extends { input: infer I } ? I : unknown : unknown
export type Output<S> = S extends { '~standard': { types?: infer T } } ? NonNullable<T> extends { output: infer O } ? O : unknown : unknown

/** The keys of an issue's path, as plain strings and numbers. */
export function issuePath(issue: SchemaIssue): (string | number)[] {
  return (issue.path ?? []).map((segment) => {
    const key = typeof segment === 'object' ? segment.key : segment
    return typeof key === 'symbol' ? String(key) : key
  })
}

/** Validates where waiting is not possible. A schema that answers with a promise is a mistake of its author. */
export function validateNow<O>(schema: Schema<unknown, O>, value: unknown): SchemaResult<O> {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) throw new TypeError('This schema validates asynchronously; a contract needs one that answers at once.')
  return result
}
