/** Lines of one ssh that are kept; a banner may be long. */
const KEPT = 200

/** What one ssh wrote to its stderr, debug lines taken apart. */
export interface Said {
  /** Without debug lines. */
  readonly lines: readonly string[]
  /** The first key that the host showed. */
  readonly key: { readonly type: string; readonly fingerprint: string } | undefined
  readonly authenticated: boolean
  hear(chunk: string): void
}

const KEY = /^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+)/
const IN = /^(?:debug1: )?Authenticat(?:ed to|ion succeeded)/

export function createSaid(): Said {
  const lines: string[] = []
  let rest = ''
  let key: Said['key']
  let authenticated = false
  return {
    lines,
    get key() {
      return key
    },
    get authenticated() {
      return authenticated
    },
    hear(chunk) {
      const parts = `${rest}${chunk}`.split(/\r?\n/)
      rest = (parts.pop() ?? '').slice(-4000)
      for (const line of parts) {
        // What a server may say itself comes after both.
        const [, type, fingerprint] = (key === undefined && KEY.exec(line)) || []
        if (type !== undefined && fingerprint !== undefined) key = { type, fingerprint }
        if (IN.test(line)) authenticated = true
        if (line === '' || /^debug\d: |^OpenSSH_|^Authenticated to /.test(line)) continue
        lines.push(line.slice(0, 1000))
        if (lines.length > KEPT) lines.splice(KEPT / 2, 1)
      }
    },
  }
}
