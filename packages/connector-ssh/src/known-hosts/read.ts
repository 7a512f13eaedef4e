import type { PluginContext } from '@chaos/core'
import type { Settings } from '../settings/contract.ts'
import type { KnownHosts, KnownKey, Verdict } from './contract.ts'
import { knownHostsFile } from './file.ts'
import type { KnownHostsFile } from './file.ts'
import { fingerprint } from './key.ts'
import { namesMatch } from './names.ts'
import type { Line } from './parse.ts'

/**
 * What the known_hosts files say of a host, as OpenSSH reads them and stricter where that is safer:
 * a key of another type than the known ones is `changed`, never `unknown`; a broken line that names the host makes it known, not
 * trusted; and a broken `@revoked` line that names it refuses every key. As with ssh, a host on a port of its own that no line
 * names is looked up once more by its plain name, unless it has an alias: a key that is trusted there is trusted, a revoked one is
 * revoked, and others leave it unknown.
 */
export async function readKnownHosts(settings: Pick<Settings, 'hostname' | 'port' | 'knownAs' | 'knownHosts'>, context: Pick<PluginContext, 'cache'>): Promise<KnownHosts> {
  const files = await Promise.all(settings.knownHosts.map((path) => knownHostsFile(path, context)))
  const named = linesOf(files, settings.knownAs)
  const onPort = settings.port !== 22 && settings.knownAs.toLowerCase() === `[${settings.hostname}]:${settings.port}`.toLowerCase()
  const namedPlainly = onPort ? linesOf(files, settings.hostname) : () => []
  return {
    judge(key) {
      const verdict = judgeBy(named(), key)
      if (verdict.state !== 'unknown') return verdict
      const withoutPort = judgeBy(namedPlainly(), key)
      return withoutPort.state === 'changed' ? verdict : withoutPort
    },
    get types() {
      const types = typesOf(named())
      return types.length > 0 ? types : typesOf(namedPlainly())
    },
  }
}

/** The lines that name a host. A file learns lines during a run: then they are looked through again. */
function linesOf(files: readonly KnownHostsFile[], host: string): () => readonly Line[] {
  const found = files.map((file) => ({ file, lines: undefined as readonly Line[] | undefined, matching: [] as readonly Line[] }))
  return () =>
    found.flatMap((each) => {
      if (each.lines !== each.file.lines) {
        each.lines = each.file.lines
        each.matching = each.lines.filter(({ names }) => namesMatch(names, host))
      }
      return each.matching
    })
}

function judgeBy(lines: readonly Line[], key: Uint8Array): Verdict {
  const same = (line: Line): boolean => line.key?.equals(key) === true
  const marked = (marker: Line['marker']): Line[] => lines.filter((line) => line.marker === marker)
  const revoked = marked('revoked').filter((line) => line.key === undefined || same(line))
  if (revoked.length > 0) return { state: 'revoked', known: revoked.map(knownKey) }
  const known = marked('none')
  if (known.some(same)) return { state: 'trusted' }
  if (known.length > 0) return { state: 'changed', known: known.map(knownKey) }
  const authorities = marked('authority')
  if (authorities.length > 0) return { state: 'authority', known: authorities.map(knownKey) }
  return { state: 'unknown' }
}

function typesOf(lines: readonly Line[]): readonly string[] {
  return [...new Set(lines.filter(({ marker, key }) => marker === 'none' && key !== undefined).map(({ type }) => type))]
}

function knownKey({ file, number, type, key }: Line): KnownKey {
  return { file, line: number, type, fingerprint: key && fingerprint(key) }
}
