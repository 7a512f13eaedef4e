import { ChaosError, defineOperation, sh, touch } from '@chaos/core'
import type { Change, Command, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { sha256 } from '../facts/sha256.ts'
import { attributeChanges, attributeSteps } from './attributes.ts'
import { attributes, force, path } from './members.ts'
import { look, makeRoom } from './surroundings.ts'

const schema = z.strictObject({
  url: z.string().regex(/^(https?|ftp):\/\/[^\s]+$/, 'an http, https or ftp address').describe('Where it comes from; the host itself loads it, with curl or wget.'),
  path,
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'a SHA-256 is 64 hexadecimal digits')
    .transform((hash) => hash.toLowerCase())
    .optional()
    .describe('What the file must be. Not given = a file that is there is taken as it is.'),
  ...attributes,
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]+$/), z.string().regex(/^[^\r\n\0]*$/)).default({}).describe('Request headers. Not for secrets: they stand in the arguments of a process.'),
  force,
})
type Args = z.output<typeof schema>

/** A file that the host loads from an address. */
export const download = defineOperation({
  name: 'files.download',
  about: 'Ensures that a file loaded from an address is there; with `sha256` that it is that very file.',
  args: schema,
  example: { url: 'https://example.org/tool', path: '/usr/local/bin/tool', mode: '0755' },
  diff,
  touches: ({ path }) => [touch.path(path)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { path, url, force } = args
  const [around, hash] = await Promise.all([look(path, host), host.fact(sha256(path))])
  const { have } = around
  if (have?.type === 'file' && (args.sha256 === undefined || args.sha256 === hash)) return attributeChanges(path, have, args)
  const loader = loaderOf(host)
  const mode = args.mode ?? (have?.type === 'file' ? have.mode : '0644')
  const change: Change = {
    summary: have?.type === 'file' ? `download again from ${url}` : `create file from ${url}`,
   
    before: hash === null ? null : `sha256 ${hash}\n`,
    ...(args.sha256 === undefined ? {} : { after: `sha256 ${args.sha256}\n` }),
    do: [{ run: load(args, loader) }, ...attributeSteps(path, { ...args, mode })],
  }
  return [...makeRoom(path, around, 'file', force), change]
}

/** Beside its place, checked, then renamed: what is at the path is always whole. */
function load({ path, url, sha256: wanted, headers }: Args, loader: 'curl' | 'wget'): Command {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const from: Command =
    loader === 'curl'
      ? sh`curl -fsSL --retry 2 ${lines.flatMap((line) => ['-H', line])} -o "$t" -- ${url}`
      : sh`wget -q ${lines.map((line) => `--header=${line}`)} -O "$t" -- ${url}`
  const check = wanted === undefined
    ? sh`:`
    : sh`h=$(sha256sum < "$t") && h=$(echo "$h" | cut -d" " -f1) && { [ "$h" = ${wanted} ] || { echo "the file is another one: its SHA-256 is $h" >&2; exit 1; }; }`
  return sh`umask 077
t=${path}.chaos-$$
trap 'rm -f -- "$t"' EXIT
trap 'exit 1' HUP INT TERM
${from} && ${check} && mv -f -- "$t" ${path}`
}

function loaderOf({ os, name }: Host): 'curl' | 'wget' {
  const found = (['curl', 'wget'] as const).find((tool) => os.tools.includes(tool))
  if (found) return found
  throw new ChaosError('TOOL_MISSING', { message: `${name} has neither curl nor wget to load a file with.`, hint: 'Install one of them there, or load the file here and use files.put.', host: name })
}
