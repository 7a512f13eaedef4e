import { ChaosError, revealSecret } from '@chaos/core'
import type { Redactor, RunOptions } from '@chaos/engine'
import type { SecretTree } from '@chaos/sops'
import type { LoadedRole } from '../roles.ts'
import type { Warning } from '../aliases.ts'

export interface RoleSecretsOptions {
  readonly file: string
  /** The config of sops: the file is held against its rules. */
  readonly sopsFile: string | undefined
  readonly roles: readonly LoadedRole[]
  /** Told of every secret before a role has it. */
  readonly redactor: Redactor
  /** Asks for the user's consent; undefined = there is nobody to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined
  /** The user said yes to everything. */
  readonly yes: boolean
  readonly warn: (warning: Warning) => void
}

/** The engine's question for what a role declared. The file is decrypted when the first role asks, once per run, and only in memory. */
export function makeRoleSecrets(options: RoleSecretsOptions): NonNullable<RunOptions['secrets']> {
  const { roles, file, redactor } = options
  const consents = new Map<string, Promise<boolean>>()
  let opened: Promise<SecretTree> | undefined

  return async (_host, { tag, role }) => {
    const { definition = {} } = role
    const consent = consents.get(tag) ?? consentOf(roles.find((each) => each.tag === tag), options)
    consents.set(tag, consent)
    if (!(await consent)) return refused(tag, role.definition?.needsSecrets)
    opened ??= openTree(options)
    const { declaredSecrets, secretsIn } = await import('./declared.ts')
    const given = declaredSecrets(tag, definition, await opened, file)
    for (const each of secretsIn(given)) {
      const text = revealSecret(each)
      // Truth values are no secrets to look for: every second sentence has them.
      if (text !== 'true' && text !== 'false') redactor.add(text)
    }
    return given
  }
}

async function openTree({ file, sopsFile, warn }: RoleSecretsOptions): Promise<SecretTree> {
  const [{ decryptSops, inspectSops, readSopsConfig }, { keysFor, readSecretsFile }, { fitsRule }] = await Promise.all([import('@chaos/sops'), import('./open.ts'), import('./recipients.ts')])
  const text = await readSecretsFile(file)
  if (sopsFile !== undefined && !fitsRule(inspectSops(text, { file }), readSopsConfig(sopsFile, file))) {
    warn({ code: 'SECRETS_RECIPIENTS', message: `${file} is encrypted for others than ${sopsFile} says.`, hint: 'chaos secrets update encrypts it for those.' })
  }
  return (await decryptSops(text, { file, ...(await keysFor(text, file)) })).secrets()
}

async function consentOf(role: LoadedRole | undefined, { ask, yes, file }: RoleSecretsOptions): Promise<boolean> {
  if (role === undefined || yes || role.package.startsWith('@chaos/')) return true
  const keys = role.role.definition?.secrets?.map((key) => (key === '.' ? 'everything' : key)).join(', ') ?? ''
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
