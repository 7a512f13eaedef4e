import { isSecret, nearest, secret } from '@chaos/core'
import type { Secret } from '@chaos/core'
import type { CallReference, Template } from './expression.ts'
import { parseLiteral } from './literal.ts'

/** What a call such as `${oc.env:NAME}` may ask. */
export interface CallContext {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The argument's value: what it refers to, or its text. */
  value(argument: Template): unknown
  /** What a path leads to; undefined = nothing. */
  select(path: string): { readonly value: unknown } | undefined
  /** undefined = not read yet. */
  secret(name: string, reference: string): Secret | undefined
  fail(code: string, message: string, hint: string): Error
}

type Resolver = (args: readonly unknown[], context: CallContext, text: string) => unknown

const RESOLVERS: Record<string, { arguments: [number, number]; example: string; call: Resolver }> = {
  'oc.env': { arguments: [1, 2], example: '${oc.env:NAME} or ${oc.env:NAME,default}', call: environment },
  'oc.select': { arguments: [1, 2], example: '${oc.select:key,default}', call: ([path, otherwise = null], { select }) => { const found = select(String(path)); return found ? found.value : otherwise } },
  'oc.decode': { arguments: [1, 1], example: '${oc.decode:${oc.env:PORT}}', call: decode },
  'oc.create': { arguments: [1, 1], example: '${oc.create:[1, 2]}', call: ([value]) => value },
  secret: { arguments: [2, 2], example: '${secret:NAME:REFERENCE}', call: ([name, reference], context) => context.secret(String(name), String(reference)) ?? secret('') },
}

/** Calls the resolver that a reference names. What it gives is never interpolated again. */
export function callResolver({ name, args, text }: CallReference, context: CallContext): unknown {
  const resolver = Object.hasOwn(RESOLVERS, name) ? RESOLVERS[name] : undefined
  if (!resolver) {
    const [candidate] = nearest(name, Object.keys(RESOLVERS))
    throw context.fail(
      'INTERPOLATION_RESOLVER',
      `\`${text}\`: there is no resolver \`${name}\`.`,
      candidate === undefined ? `There are ${Object.keys(RESOLVERS).join(', ')}. Write \\\${ for a \${ that is meant as text.` : `Did you mean \`${candidate}\`?`,
    )
  }
  const [least, most] = resolver.arguments
  if (args.length < least || args.length > most || args.slice(0, least).some((each) => each.length === 0)) {
    throw context.fail('INTERPOLATION_ARGUMENTS', `\`${text}\` does not have the arguments that \`${name}\` takes.`, `Write ${resolver.example}.`)
  }
  const values = args.map((arg) => {
    const value = context.value(arg)
    if (isSecret(value) && name !== 'oc.create') throw context.fail('INTERPOLATION_SECRET', `\`${text}\` cannot work on a secret.`, 'Use the secret as the value, or inside of a text.')
    const written = arg.length !== 1 || typeof arg[0] === 'string'
    return written && name !== 'secret' && name !== 'oc.decode' && typeof value === 'string' ? parseLiteral(value) : value
  })
  return resolver.call(values, context, text)
}

function environment(args: readonly unknown[], context: CallContext, text: string): unknown {
  const name = String(args[0])
  const value = Object.hasOwn(context.env, name) ? context.env[name] : undefined
  if (value !== undefined) return value
  if (args.length < 2) {
    throw context.fail('INTERPOLATION_ENV', `\`${text}\`: the environment variable ${name} is not set.`, `Set it, or give a default: \${oc.env:${name},default}.`)
  }
  // As in OmegaConf: what comes from the environment is a text, and so is its default.
  const otherwise = args[1]
  return otherwise === null ? null : typeof otherwise === 'object' ? JSON.stringify(otherwise) : `${otherwise as string | number | boolean}`
}

function decode([value]: readonly unknown[], context: CallContext, text: string): unknown {
  if (value === null || typeof value !== 'string') {
    if (typeof value !== 'object' || value === null) return value
    throw context.fail('INTERPOLATION_ARGUMENTS', `\`${text}\`: \`oc.decode\` takes a text.`, 'Write ${oc.decode:${oc.env:PORT}}.')
  }
  return parseLiteral(value)
}
