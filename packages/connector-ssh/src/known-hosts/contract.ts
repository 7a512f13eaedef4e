/** What the known_hosts files say of a key that a host shows. Anything but `trusted` is refused; `unknown` may be kept by `accept-new`. */
export type Verdict =
  | { readonly state: 'trusted' }
  /** No file names the host. */
  | { readonly state: 'unknown' }
  /** The host is known with other keys, of this type or of others, or by lines that cannot be read. */
  | { readonly state: 'changed'; readonly known: readonly KnownKey[] }
  /** The key is marked `@revoked`. */
  | { readonly state: 'revoked'; readonly known: readonly KnownKey[] }
  /** Only a certificate authority vouches for the host. */
  | { readonly state: 'authority'; readonly known: readonly KnownKey[] }

export interface KnownKey {
  readonly file: string
  readonly line: number
  /** `ssh-ed25519`; as it is written. */
  readonly type: string
  /** `SHA256:…` as ssh prints it. Undefined when the line's key cannot be read. */
  readonly fingerprint: string | undefined
}

/** The known_hosts files of one host, read once. */
export interface KnownHosts {
  /** Judges the key blob that a host shows. */
  judge(key: Uint8Array): Verdict
  /** Key types that are known of the host, so that it is asked for one of those. Empty = none is known. */
  readonly types: readonly string[]
}
