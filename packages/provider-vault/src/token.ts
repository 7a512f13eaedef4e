import { ChaosError, isChaosError, isSecret, revealSecret } from '@chaos/core'
import type { PluginContext } from '@chaos/core'
import type { Login, VaultConfig } from './config.ts'
import { at } from './json.ts'
import { encodePath } from './reference.ts'
import { readText, variable } from './settings.ts'
import type { AskVault } from './vault.ts'

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** The token: of a login, a file, the environment, or of `vault login`. */
export async function tokenOf({ auth, token_file: file }: VaultConfig, ask: AskVault, context: PluginContext): Promise<string> {
  if (auth) return login(auth, ask, context)
  if (file !== undefined) return usable(await readText(file, 'the token'), file)
  const given = variable('TOKEN')
  if (given !== undefined) return usable(given.trim(), 'VAULT_TOKEN')
  const kept = await readText('~/.vault-token', 'the token').catch((error: unknown) => {
    if (isChaosError(error) && error.message.includes('it is not there')) return undefined
    throw error
  })
  if (kept !== undefined) return usable(kept, '~/.vault-token')
  throw new ChaosError('VAULT_NO_TOKEN', {
    message: 'There is no token for Vault: neither VAULT_TOKEN nor ~/.vault-token, nor a login in the config.',
    hint: 'Log in with `vault login`, or write in the config: auth: { method: approle, role_id: …, secret_id_file: … }',
  })
}

async function login(auth: Login, ask: AskVault, context: PluginContext): Promise<string> {
  const { method, mount = method } = auth
  const path = `auth/${encodePath(mount)}/login${auth.method === 'userpass' ? `/${encodeURIComponent(auth.username)}` : ''}`
  const answer = await ask({ path, body: await credentials(auth, context), allow: [400, 403] }, context.signal)
  const token = at(answer.value, 'auth', 'client_token')
  if (answer.status === 200 && typeof token === 'string' && token !== '') return usable(token, path)
  throw new ChaosError('VAULT_LOGIN', {
    message: answer.status === 200 ? `Vault gave no token at ${path}: more than one factor is asked for there, which is not done here.` : `Vault refuses the login at ${path} (${answer.status}).`,
    hint: answer.status === 200 ? 'Use another auth method for machines: approle, jwt, kubernetes.' : 'What it was given may be wrong, have ended or been used up, or the method is mounted elsewhere (`mount` in the config).',
    details: { path, status: answer.status },
  })
}

async function credentials(auth: Login, context: PluginContext): Promise<object> {
  switch (auth.method) {
    case 'approle':
      return {
        role_id: auth.role_id ?? (await fileOr(auth.role_id_file, 'ROLE_ID', 'role_id, role_id_file')),
        secret_id: await fileOr(auth.secret_id_file, 'SECRET_ID', 'secret_id_file'),
      }
    case 'jwt':
      return { ...(auth.role !== undefined && { role: auth.role }), jwt: await readText(auth.token_file, 'the JWT') }
    case 'kubernetes':
      return { role: auth.role, jwt: await readText(auth.token_file ?? SERVICE_ACCOUNT, 'the token of the service account') }
    case 'userpass':
      return { password: auth.password_file === undefined ? await asked(auth.username, context) : await readText(auth.password_file, 'the password') }
  }
}

async function fileOr(file: string | undefined, name: string, keys: string): Promise<string> {
  if (file !== undefined) return readText(file, `what ${keys} says`)
  const given = variable(name)
  if (given !== undefined) return given
  throw new ChaosError('VAULT_NO_TOKEN', { message: `The login at Vault lacks its ${name.toLowerCase()}.`, hint: `Set VAULT_${name}, or name it in the config under auth: ${keys}` })
}

async function asked(username: string, { prompt }: PluginContext): Promise<string> {
  const answer = await prompt({ text: `Password of ${username} for Vault`, secret: true })
  return isSecret(answer) ? revealSecret(answer) : answer
}

/** What cannot be in a header would be told by Node.js, with its text. */
function usable(token: string, from: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new ChaosError('VAULT_NO_TOKEN', { message: `What ${from} holds is no token of Vault.`, hint: 'A token is one word: hvs.…', details: { from } })
}
