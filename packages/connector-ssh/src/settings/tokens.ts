import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { localUser, tilde } from './paths.ts'
import { refused } from './refused.ts'

/** What a configuration may put in for tokens. All of it has passed the allow-lists. */
export interface Filling {
  readonly name: string
  readonly hostname: string
  readonly port: number
  readonly user: string
  /** HostKeyAlias. */
  readonly alias: string | undefined
}

/** The tokens of ProxyCommand and ProxyJump. They are few because they reach a shell: all are names from the allow-lists. */
export function commandTokens({ name, hostname: host, port, user, alias }: Filling): Map<string, string> {
  return new Map([['h', host], ['k', alias ?? name], ['n', name], ['p', String(port)], ['r', user]])
}

/** The tokens of paths; all but %C and %j, which versions of OpenSSH make differently. */
export function pathTokens(filling: Filling): Map<string, string> {
  const local = localUser()
  const machine = hostname()
  return new Map([
    ...commandTokens(filling),
    ['L', machine.replace(/\..*/s, '')],
    ['d', local.home],
    ['i', String(local.id)],
    ['l', machine],
    ['u', local.name],
  ])
}

/** Fills in `%x`. A token that there is not is an error, as in OpenSSH. */
export function fillTokens(text: string, tokens: ReadonlyMap<string, string>, whence: string): string {
  return text.replace(/%(.?)/gs, (token, letter: string) => {
    const value = letter === '%' ? '%' : tokens.get(letter)
    if (value === undefined) throw refused('SSH_CONFIG', `${whence} holds ${token}, which cannot be filled in there.`, `Use ${[...tokens.keys()].map((each) => `%${each}`).join(' ')}, and %% for a percent sign.`)
    return value
  })
}

/** A path with `~/`, `%x` and `${VARIABLE}` filled in, and made absolute. */
export function fillPath(path: string, tokens: ReadonlyMap<string, string>, whence: string): string {
  const filled = tilde(path, localUser().home, whence).replace(/%.?|\$\{([^}]*)\}/gs, (found, variable?: string) =>
    variable === undefined ? fillTokens(found, tokens, whence) : fromEnvironment(variable, whence),
  )
  return resolve(filled)
}

function fromEnvironment(variable: string, whence: string): string {
  const value = process.env[variable]
  if (value !== undefined) return value
  throw refused('SSH_CONFIG', `${whence} names the variable ${JSON.stringify(variable)}, which is not set.`, 'Set it, or write the path itself.')
}
