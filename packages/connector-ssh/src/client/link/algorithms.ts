import type { Algorithms } from 'ssh2'
import type { Settings } from '../../settings/contract.ts'

/** Counter and Galois modes alone: chacha20-poly1305 and CBC are what the Terrapin attack (CVE-2023-48795) works on where a server lacks strict key exchange. */
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr']
const MACS = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512', 'hmac-sha1-etm@openssh.com', 'hmac-sha1']
const KEX = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]
const HOST_KEYS = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256']

/** Only for a user who names them: nothing of it is offered by itself. */
const BY_CHOICE = {
  kex: ['diffie-hellman-group-exchange-sha1', 'diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1', 'diffie-hellman-group15-sha512', 'diffie-hellman-group17-sha512'],
  hostKeys: ['ssh-rsa'],
}

/** What a connection offers, and the kind that a user's own choice leaves nothing of. */
export interface Offer {
  readonly algorithms: Required<Pick<Algorithms, 'cipher' | 'hmac' | 'kex' | 'serverHostKey' | 'compress'>>
  readonly empty: string | undefined
}

/**
 * What is offered to a host: what the user's configuration allows of what this transport has, or its own choice. Types of
 * which a key is known come first, so that a host with several keys shows the one that is known, as OpenSSH has it.
 */
export function offer({ algorithms: { ciphers, kex, macs, hostKeys } }: Settings, known: readonly string[]): Offer {
  const allowed = allow(hostKeys, [...HOST_KEYS, ...BY_CHOICE.hostKeys]) ?? HOST_KEYS
  const first = allowed.filter((algorithm) => known.includes(keyType(algorithm)))
  const lists = {
    cipher: allow(ciphers, CIPHERS) ?? CIPHERS,
    hmac: allow(macs, MACS) ?? MACS,
    kex: allow(kex, [...KEX, ...BY_CHOICE.kex]) ?? KEX,
    serverHostKey: [...first, ...allowed.filter((algorithm) => !first.includes(algorithm))],
    compress: ['none', 'zlib@openssh.com'],
  }
  const names = { cipher: 'Ciphers', hmac: 'MACs', kex: 'KexAlgorithms', serverHostKey: 'HostKeyAlgorithms' } as const
  const empty = (Object.keys(names) as (keyof typeof names)[]).find((kind) => lists[kind].length === 0)
  return { algorithms: lists as Offer['algorithms'], empty: empty && names[empty] }
}

function allow(chosen: readonly string[] | undefined, supported: readonly string[]): string[] | undefined {
  return chosen?.filter((each) => supported.includes(each))
}

/** The type of the key that a signature algorithm works with. */
function keyType(algorithm: string): string {
  return algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm
}
