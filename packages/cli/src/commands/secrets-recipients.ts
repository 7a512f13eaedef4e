import { ChaosError } from '@chaos/core'
import { allCreationRules, changeRecipients, checkRecipient, sameKey } from '@chaos/sops'
import type { MasterKey } from '@chaos/sops'
import { EXIT } from '../exit-codes.ts'
import type { RotateOptions, SecretsListOptions } from '../program/options.ts'
import { changeConfig } from '../secrets/change-config.ts'
import { readConfigOfSops, sopsOf } from '../secrets/place.ts'

/** Vault goes by the name that the Python tool had for it, too. */
const KINDS: Readonly<Record<string, string>> = { vault: 'hc_vault' }

/** `chaos secrets list`, `rotate-add` and `rotate-rm`: who stands in the config of sops. */
export async function run(what: 'list' | 'add' | 'remove', type: string | undefined, keys: readonly string[], options: SecretsListOptions & RotateOptions): Promise<number> {
  const kind = type === undefined ? undefined : (KINDS[type] ?? type)
  const place = await sopsOf(options)
  if (what === 'list') return list(await readConfigOfSops(place.sops), place.sops, kind, options)
  const changed = kind as 'age' | 'pgp' | 'hc_vault'
  for (const key of keys) await checkKey(changed, key, what === 'add', options)
  const { index, create } = options
  return changeConfig(place, options, {
    change: (text) => changeRecipients(text, place.sops, { kind: changed, [what]: keys, ...(index !== undefined && { rule: index }), ...(create && { newGroup: true }) }),
    same: what === 'add' ? 'they are there already' : 'they are not there',
    done: `${what === 'add' ? 'added' : 'removed'} ${keys.join(', ')}`,
  })
}

function list(text: string, sops: string, kind: string | undefined, { json, values }: SecretsListOptions): number {
  const all = allCreationRules(text, sops).flatMap(({ groups }) => groups.flat()).filter((key) => kind === undefined || key.kind === kind)
  const keys = all.filter((key, index) => all.findIndex((other) => sameKey(key, other)) === index).map((key): MasterKey => ({ kind: key.kind, id: key.id }))
  process.stdout.write(json ? `${JSON.stringify(keys, null, 2)}\n` : keys.map((key) => `${values ? '' : `${key.kind}  `}${key.id}\n`).join(''))
  return EXIT.done
}

async function checkKey(kind: 'age' | 'pgp' | 'hc_vault', key: string, adding: boolean, { keyserver }: RotateOptions): Promise<void> {
  if (kind !== 'pgp' && keyserver !== undefined) throw new ChaosError('USAGE', { message: '--keyserver is for PGP keys.', hint: 'Leave it out.' })
  if (kind === 'age') return checkRecipient(key, 'recipients')
  if (kind === 'hc_vault') {
    if (/^https?:\/\/[^/\s,]+\/v1\/[^\s,]+\/keys\/[^/\s,]+$/.test(key)) return
    throw new ChaosError('USAGE', { message: `${key} is no key of a Vault.`, hint: 'It is the URL of a transit key: https://vault.example.net:8200/v1/transit/keys/chaos' })
  }
  if (!/^[0-9A-Fa-f]{40}$/.test(key)) throw new ChaosError('USAGE', { message: `${key} is no PGP fingerprint.`, hint: 'A fingerprint has 40 hexadecimal digits: gpg --list-keys' })
  if (adding) await (await import('../secrets/pgp-key.ts')).needPgpKey(key, keyserver)
}
