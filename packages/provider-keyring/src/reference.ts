import { ChaosError } from '@chaos/core'

/** The service of a reference that names none. */
export const SERVICE = 'chaos'

/** `SERVICE/ACCOUNT`, or `ACCOUNT` alone. The last slash counts: services are often addresses, accounts are not. */
export function partsOf(reference: string): { service: string; account: string } {
  const at = reference.lastIndexOf('/')
  const service = at < 0 ? SERVICE : reference.slice(0, at)
  const account = reference.slice(at + 1)
  if (service !== '' && account !== '' && !reference.includes('\0')) return { service, account }
  throw new ChaosError('KEYRING_REFERENCE', {
    message: `${JSON.stringify(reference)} names no entry of a keyring.`,
    hint: `Name a service and an account: mail.example.net/ana. Without a slash the service is ${SERVICE}.`,
    details: { reference },
  })
}
