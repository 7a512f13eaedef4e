import { ChaosError } from '@chaos/core'
import type { Redactor, RunOptions } from '@chaos/engine'
import type { LoadedRole } from '../roles.ts'
import type { Warning } from '../aliases.ts'
import { wantedSecrets } from './plugins.ts'
import type { OpenSecrets, RunSecrets } from './run-secrets.ts'

export { grantSecrets } from './plugins.ts'

export interface RoleSecretsOptions {
  readonly secrets: RunSecrets
  readonly roles: readonly LoadedRole[]
  /** Told of every secret before a role has it. */
  readonly redactor: Redactor
  /** Asks for the user's consent; undefined = there is nobody to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined
  /** The user said yes to everything. */
  readonly yes: boolean
  readonly warn: (warning: Warning) => void
}

/** The engine's question for what a role declared. The file is opened when the first role asks. */
export function makeRoleSecrets(options: RoleSecretsOptions): NonNullable<RunOptions['secrets']> {
  const { roles, redactor } = options
  const consents = new Map<string, Promise<boolean>>()
  let opened: Promise<OpenSecrets> | undefined

  return async (_host, { tag, role, secrets = [] }) => {
    const declaration = role.definition ?? { secrets }
    const consent = consents.get(tag) ?? consentOf(roles.find((each) => each.tag === tag), options)
    consents.set(tag, consent)
    if (!(await consent)) return refused(tag, role.definition?.needsSecrets)
    opened ??= open(options)
    const [file, { givenToRole }] = await Promise.all([opened, import('./decrypted.ts')])
    return givenToRole(file, tag, declaration, redactor)
  }
}

/** Once a run: it is told where the file is for others than the config of sops says. */
async function open({ secrets, warn }: RoleSecretsOptions): Promise<OpenSecrets> {
  const file = await secrets.open()
  const warning = (await import('./decrypted.ts')).recipientsWarning(file)
  if (warning) warn(warning)
  return file
}

async function consentOf(role: LoadedRole | undefined, { ask, yes, secrets }: RoleSecretsOptions): Promise<boolean> {
  if (role === undefined || yes || role.package.startsWith('@chaos/')) return true
  const { file } = await secrets.place()
  const keys = wantedSecrets(role).map((key) => (key === '.' ? 'everything' : key)).join(', ')
  if (ask) return ask(`The role ${role.tag} of ${role.package} wants secrets of ${file}: ${keys}. May it have them?`)
  throw new ChaosError('NO_TERMINAL', {
    message: `The role ${role.tag} of ${role.package} wants secrets (${keys}), and there is nobody to ask whether it may have them.`,
    hint: 'Add --yes (-y) if it may.',
  })
}

function refused(tag: string, needs: boolean | undefined): Readonly<Record<string, unknown>> {
  if (needs === false) return {}
  throw new ChaosError('SECRETS_DECLINED', { message: `The role ${tag} was not given the secrets it needs.`, hint: 'Nothing was changed. Name the roles that shall run: chaos apply TAG…' })
}
