import type { Client } from 'ssh2'

/** What a server answered to the last try to log in. */
export interface LastAnswer {
  readonly methods: string[]
  readonly partial: boolean
}

type Handler = (protocol: unknown, methods: string[], partial: boolean) => void

/**
 * What the server says to each refused key. ssh2 keeps that to itself for keys of an agent, which all of ours are to it, and
 * without it neither a second factor nor what to tell the user is known; so the handler it has for it is listened to.
 * To be called after `connect`. Gives undefined before the first answer.
 */
export function hearAnswers(client: Client): () => LastAnswer | undefined {
  let last: LastAnswer | undefined
  const handlers = inner(inner(client, '_protocol'), '_handlers') as Record<string, Handler | undefined> | undefined
  const refused = handlers?.['USERAUTH_FAILURE']
  if (handlers === undefined || refused === undefined) return () => undefined
  handlers['USERAUTH_FAILURE'] = (protocol, methods, partial) => {
    last = { methods, partial }
    refused(protocol, methods, partial)
  }
  return () => last
}

function inner(thing: unknown, name: string): unknown {
  return typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined
}
