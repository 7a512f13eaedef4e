/** Lines of one ssh that are kept; a server may say much. */
const KEPT = 200

/** What one ssh wrote to its stderr, its debug lines taken apart. */
export interface Said {
  /** Without debug lines. */
  readonly lines: readonly string[]
  /** The first key that the host showed. */
  readonly key: { readonly type: string; readonly fingerprint: string } | undefined
  /** What came in place of an SSH server's identification. */
  readonly greeting: string
  readonly authenticated: boolean
  hear(chunk: string): void
}

const KEY = /^debug1: Server host key: (\S+) (SHA256:\S+)/
const GREETING = /^debug1: kex_exchange_identification: banner line \d+: (.*)/
const IN = /^(?:Authenticated to |debug1: Authentication succeeded)/

export function createSaid(): Said {
  const lines: string[] = []
  let greeting = ''
  let rest = ''
  let key: Said['key']
  let authenticated = false

  const read = (line: string): void => {
    // The first of a kind: what a server may say itself comes later.
    const [, type, fingerprint] = (key === undefined && KEY.exec(line)) || []
    if (type !== undefined && fingerprint !== undefined) key = { type, fingerprint }
    if (IN.test(line)) authenticated = true
    if (greeting.length < KEPT) greeting += GREETING.exec(line)?.[1] ?? ''
    if (line === '' || /^debug\d: |^OpenSSH_|^Authenticated to /.test(line)) return
    lines.push(line.replace(/\p{Cc}+/gu, ' ').slice(0, 1000))
    if (lines.length > KEPT) lines.splice(KEPT / 2, 1)
  }
  return {
    lines,
    get key() {
      return key
    },
    get greeting() {
      return greeting
    },
    get authenticated() {
      return authenticated
    },
    hear(chunk) {
      const parts = `${rest}${chunk}`.split(/\r?\n/)
      rest = (parts.pop() ?? '').slice(-4000)
      for (const line of parts) read(line)
    },
  }
}
