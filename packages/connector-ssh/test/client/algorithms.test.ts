import { describe, expect, it } from 'vitest'
import { offer } from '../../src/client/link/algorithms.ts'
import { settingsFor } from './support.ts'

const settings = (algorithms = {}) => settingsFor({ host: 'x', port: 22, key: '/k', knownHosts: '/n' }, { algorithms })

describe('the algorithms that are offered', () => {
  it('hold nothing that Terrapin works on, nothing of SHA-1 but the last MACs, and no DSA', () => {
    const { algorithms } = offer(settings(), [])
    expect(algorithms.cipher).toEqual(['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'])
    expect([...(algorithms.kex as string[]), ...(algorithms.serverHostKey as string[])].filter((each) => /sha1$|^ssh-(rsa|dss)$/.test(each))).toEqual([])
  })

  it('are those the user allows, in the order of the user, without what this transport lacks', () => {
    const { algorithms, empty } = offer(settings({ ciphers: ['chacha20-poly1305@openssh.com', 'aes256-ctr', 'aes128-ctr'], kex: ['sntrup761x25519-sha512@openssh.com', 'curve25519-sha256'], hostKeys: ['ssh-rsa'] }), [])
    expect([algorithms.cipher, algorithms.kex, algorithms.serverHostKey, empty]).toEqual([['aes256-ctr', 'aes128-ctr'], ['curve25519-sha256'], ['ssh-rsa'], undefined])
  })

  it('ask first for the types of key that are known', () => {
    expect(offer(settings(), ['ssh-rsa']).algorithms.serverHostKey).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'])
    expect((offer(settings(), ['ecdsa-sha2-nistp384']).algorithms.serverHostKey as string[])[0]).toBe('ecdsa-sha2-nistp384')
  })

  it('tell which of the lists is empty', () => {
    expect(offer(settings({ macs: ['umac-128@openssh.com'] }), []).empty).toBe('MACs')
  })
})
