import { randomUUID } from 'node:crypto'
import { KDF, encrypt, encryptFor, newKey, newKeyPair, passwordKeys } from './crypto.ts'
import type { SymmetricKey } from './crypto.ts'

/** An item in clear, as bw prints it. */
export interface Item {
  id?: string
  type: 1 | 2
  name: string
  notes?: string | null
  login?: { username?: string; password?: string | null; totp?: string; uris?: { uri: string }[] }
  fields?: { name: string; value: string | null; type: number }[]
  organizationId?: string
  collectionIds?: string[]
}

export interface Organization {
  id: string
  collections: { id: string; name: string }[]
}

export interface Account {
  id: string
  email: string
  /** What proves the password. */
  hash: string
  token: () => object
  sync: (ciphers: readonly object[]) => object
  /** An item as a server keeps it. */
  sealed: (item: Item) => Record<string, unknown>
}

/** What a server of Bitwarden knows of somebody: nothing in clear. */
export function newAccount(email: string, password: string, organization: Organization): Account {
  const id = randomUUID()
  const { hash, stretched } = passwordKeys(email, password)
  const userKey = newKey()
  const organizationKey = newKey()
  const pair = newKeyPair()
  const key = encrypt(userKey, stretched)
  const privateKey = encrypt(pair.privateDer, userKey)
  const accountKeys = { object: 'privateKeys', publicKeyEncryptionKeyPair: { object: 'publicKeyEncryptionKeyPair', wrappedPrivateKey: privateKey, publicKey: pair.publicDer.toString('base64') } }
  const unlock = { salt: email, kdf: { kdfType: KDF.kdf, iterations: KDF.iterations }, masterKeyEncryptedUserKey: key }
  const member = { id: organization.id, name: 'Org', key: encryptFor(pair.publicKey, organizationKey), status: 2, type: 0, enabled: true, usersGetPremium: true, useTotp: true, permissions: {}, object: 'profileOrganization' }
  return {
    id,
    email,
    hash,
    token: () => ({
      access_token: accessToken(id, email),
      expires_in: 3600,
      token_type: 'Bearer',
      refresh_token: randomUUID(),
      scope: 'api offline_access',
      Key: key,
      PrivateKey: privateKey,
      AccountKeys: accountKeys,
      Kdf: KDF.kdf,
      KdfIterations: KDF.iterations,
      ForcePasswordReset: false,
      ResetMasterPassword: false,
      UserDecryptionOptions: { HasMasterPassword: true, MasterPasswordUnlock: unlock, Object: 'userDecryptionOptions' },
    }),
    sync: (ciphers) => ({
      object: 'sync',
      profile: {
        object: 'profile', id, email, name: 'Ana', emailVerified: true, premium: true, key, privateKey, accountKeys, securityStamp: id,
        creationDate: '2024-01-01T00:00:00Z', organizations: [member], providers: [], providerOrganizations: [],
      },
      folders: [],
      collections: organization.collections.map((each) => ({ id: each.id, organizationId: organization.id, name: encrypt(each.name, organizationKey), object: 'collectionDetails' })),
      ciphers,
      domains: { equivalentDomains: [], globalEquivalentDomains: [], object: 'domains' },
      policies: [],
      sends: [],
      userDecryption: { masterPasswordUnlock: unlock },
    }),
    sealed: (item) => sealed(item, item.organizationId === undefined ? userKey : organizationKey),
  }
}

function sealed({ id = randomUUID(), type, name, notes, login, fields, organizationId, collectionIds = [] }: Item, key: SymmetricKey): Record<string, unknown> {
  const shut = (text: string | null | undefined): string | null => (text === undefined || text === null ? null : encrypt(text, key))
  return {
    id, type, organizationId, collectionIds, object: 'cipherDetails', edit: true, viewPassword: true, organizationUseTotp: true, reprompt: 0, favorite: false,
    revisionDate: '2024-01-01T00:00:00Z', creationDate: '2024-01-01T00:00:00Z', permissions: { delete: true, restore: true },
    name: shut(name),
    notes: shut(notes),
    fields: fields?.map((each) => ({ type: each.type, name: shut(each.name), value: shut(each.value) })),
    ...(type === 2 && { secureNote: { type: 0 } }),
    ...(type === 1 && { login: { username: shut(login?.username), password: shut(login?.password), totp: shut(login?.totp), uris: login?.uris?.map(({ uri }) => ({ uri: shut(uri) })) } }),
  }
}

/** bw reads it, and does not check its signature. */
function accessToken(sub: string, email: string): string {
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub, email, email_verified: true, name: 'Ana', premium: true, nbf: now, iat: now, exp: now + 3600, iss: 'test', scope: ['api'] })}.c2ln`
}
