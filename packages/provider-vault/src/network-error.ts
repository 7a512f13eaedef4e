import { ChaosError } from '@chaos/core'
import { MAX_ANSWER, TooLarge } from './http.ts'
import type { Settings } from './settings.ts'

/** OpenSSL's, as Node.js names them: nobody that is trusted has signed it. */
const UNTRUSTED = /^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_(UNTRUSTED|REJECTED|CHAIN_TOO_LONG|SIGNATURE_FAILURE)|INVALID_CA)/
const CA_HINT = 'Name the file of the certificate that signed it: VAULT_CACERT, or ca_file in the config. It is always verified.'

/** Why nothing came back. `cause` is not kept: a request carries the token. */
export function networkError({ name, address, timeout, ca }: Settings, cause: unknown, interrupted: boolean): ChaosError {
  const failed = (code: string, message: string, hint: string): ChaosError => new ChaosError(code, { message, hint, details: { address: name } })
  if (interrupted) return new ChaosError('INTERRUPTED', { message: `Asking Vault at ${name} was interrupted.` })
  if (cause instanceof TooLarge) return failed('VAULT_ANSWER', `${name} answered with more than ${MAX_ANSWER / 1024 / 1024} MB.`, 'That is no secret of Vault: look whether the address is right.')
  const { code = 'unknown', name: kind } = cause as NodeJS.ErrnoException
  if (kind === 'AbortError' || kind === 'TimeoutError') {
    return failed('VAULT_TIMEOUT', `Vault at ${name} did not answer within ${timeout / 1000} seconds.`, 'Look whether it is up and can be reached from here, or raise `timeout` in the config.')
  }
  if (code === 'ECONNREFUSED') return failed('VAULT_REFUSED', `Nothing listens at ${name}.`, 'Look whether Vault is up, and whether VAULT_ADDR, or address in the config, is right.')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return failed('VAULT_NAME', `The name ${address.hostname} of Vault cannot be found.`, 'Look for a typing error in VAULT_ADDR, or in address in the config; or the name server is not there.')
  if (UNTRUSTED.test(code)) {
    return failed('VAULT_UNTRUSTED', `The certificate of Vault at ${name} is signed by nobody who is trusted${ca === undefined ? '' : ' by the file of certificates'} (${code}).`, CA_HINT)
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return failed('VAULT_UNTRUSTED', `The certificate of Vault is not for ${address.hostname}.`, 'Use a name that stands in it as the address.')
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return failed('VAULT_UNTRUSTED', `The certificate of Vault at ${name} is ${code === 'CERT_HAS_EXPIRED' ? 'no longer' : 'not yet'} valid.`, 'Renew it, and look whether the clock here is right.')
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return failed('VAULT_UNTRUSTED', `${name} does not speak TLS as it should (${code}).`, 'Look whether its address begins with http:// instead.')
  return failed('VAULT_CONNECTION', `The connection to Vault at ${name} broke (${code}).`, 'Look whether Vault is up, and whether the address is right: http:// for one without TLS.')
}
