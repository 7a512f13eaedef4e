import * as z from '@chaos/operations/zod'

const text = z.string().min(1, 'it is not empty')
const file = text.describe('A path; ~/ is your home.')
const mount = text.optional().describe('Where the auth method is mounted. Default: the method’s name.')

const auth = z.discriminatedUnion(
  'method',
  [
    z.strictObject({
      method: z.literal('approle'),
      role_id: text.optional().describe('Default: role_id_file, else $VAULT_ROLE_ID.'),
      role_id_file: file.optional(),
      secret_id_file: file.optional().describe('Default: $VAULT_SECRET_ID.'),
      mount,
    }),
    z.strictObject({ method: z.literal('jwt'), role: text.optional().describe('Default: the default role of the mount.'), token_file: file.describe('Holds the JWT.'), mount }),
    z.strictObject({
      method: z.literal('kubernetes'),
      role: text,
      token_file: file.optional().describe('Default: where Kubernetes puts the token of a service account.'),
      mount,
    }),
    z.strictObject({ method: z.literal('userpass'), username: text, password_file: file.optional().describe('Default: you are asked.'), mount }),
  ],
  { error: 'auth has a method: approle, jwt, kubernetes or userpass' },
)

/** The section `secret_providers.vault`. */
export const config = z.strictObject({
  address: text.optional().describe('Where Vault or OpenBao answers: https://vault.example.net:8200. Default: $VAULT_ADDR.'),
  namespace: text.optional().describe('Default: $VAULT_NAMESPACE, else none.'),
  ca_file: file.optional().describe('The certificates (PEM) that its own may be signed by, instead of those of Node.js. Default: $VAULT_CACERT.'),
  token_file: file.optional().describe('Holds a token. Default: $VAULT_TOKEN, else ~/.vault-token.'),
  auth: auth.optional().describe('How to log in, instead of having a token.'),
  kv_version: z
    .union([z.literal(1), z.literal(2)], { error: 'kv_version is 1 or 2' })
    .optional()
    .describe('The version of the KV engines, for a token that may not ask for it. Default: Vault is asked.'),
  mount: text.optional().describe('With kv_version: where the engine is mounted. Default: the first part of the path.'),
  timeout: z.number().positive().max(3600).optional().describe('Seconds one answer may take, with all repetitions. Default 30.'),
})
  .refine(({ auth: login, token_file: token }) => login === undefined || token === undefined, 'give either auth or token_file')
  .refine(({ kv_version: version, mount: place }) => place === undefined || version !== undefined, 'mount is for kv_version')

export type VaultConfig = Schema['_output']
type Schema = typeof config
export type Login = NonNullable<VaultConfig['auth']>
