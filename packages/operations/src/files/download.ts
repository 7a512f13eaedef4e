import { defineOperation, script, sh, touch } from '@chaos/core'
import type { Change, Command, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { parentOf } from '../facts/path.ts'
import { sha256 } from '../facts/sha256.ts'
import { attributeChanges } from './attributes.ts'
import { attributes, path } from './members.ts'
import { createPhrase, look, makeParent, makeRoom } from './surroundings.ts'

const schema = z.strictObject({
  url: z.string().regex(/^(https?|ftp):\/\/[^\s]+$/, 'a URL that starts with https://, http:// or ftp://').describe('Where it is fetched from, by the host itself, with curl or wget.'),
  path,
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/, 'a SHA-256 is 64 hexadecimal digits').transform((value) => value.toLowerCase()).optional()
    .describe('What it must be. Fetched again when the file is another; nothing else goes live. Not given = a file that is there is taken as it is.'),
  ...attributes,
  force: z.boolean().default(false).describe('Replaces what stands there if it is no file.'),
})
type Args = z.output<typeof schema>

/** A file that the host fetches from a URL. */
export const download = defineOperation({
  name: 'files.download',
  about: 'Ensures that a file fetched from a URL is there, the one with this SHA-256 if given, with owner, group and mode.',
  args: schema,
  diff,
  touches: ({ path }) => [touch.path(path)],
})

async function diff(args: Args, host: Host): Promise<Diff> {
  const { path, url, force } = args
  const [around, hash] = await Promise.all([look(path, host), args.sha256 === undefined ? undefined : host.fact(sha256(path))])
  const { have } = around
  const there = have?.type === 'file'
  if (there && (args.sha256 === undefined || hash === args.sha256)) return attributeChanges(path, have, args)
  const mode = args.mode ?? (there ? have.mode : '0644')
  const change: Change = {
    summary: there ? `fetch ${url}` : `${createPhrase('file', around)}, from ${url}`,
    ...(args.sha256 === undefined ? {} : { before: there ? (hash ?? null) : null, after: args.sha256 }),
    do: [...makeParent(around), { run: fetched(args, mode) }],
  }
  return [...makeRoom(path, around, 'file', force), change]
}

/** Into a file beside it that nobody else can read or guess, checked, and only then renamed. */
function fetched(args: Args, mode: string): Command {
  const { path, url } = args
  return sh`umask 077
t=$(mktemp ${`${parentOf(path)}/.chaos-XXXXXXXX`}) || exit 1
trap 'rm -f -- "$t"' EXIT
trap 'exit 143' TERM HUP INT
if command -v curl >/dev/null 2>&1; then curl -fsSL -o "$t" -- ${url} || exit
elif command -v wget >/dev/null 2>&1; then wget -q -O "$t" -- ${url} || { echo "wget cannot fetch it" >&2; exit 1; }
else echo 'neither curl nor wget is there' >&2; exit 127; fi
${args.sha256 === undefined ? script(':') : checked(args.sha256)}
n=${path}
${ownership(args)}
chmod -- ${`0${mode}`} "$t" || exit
mv -f -- "$t" "$n"`
}

function checked(hash: string): Command {
  return sh`h=$(sha256sum <"$t") || exit
case $h in ${hash}*) ;; *) echo "its SHA-256 is $(echo "$h" | cut -d" " -f1), not the one that was given" >&2; exit 65;; esac`
}

function ownership({ owner, group }: Args): Command {
  const want = [owner, group].some((each) => each !== undefined)
  if (!want) return sh`[ ! -e "$n" ] || [ "$(stat -c %u:%g -- "$n")" = "$(stat -c %u:%g -- "$t")" ] || chown -- "$(stat -c %u:%g -- "$n")" "$t" || exit`
  return sh`${owner === undefined ? script(':') : sh`chown -- ${owner} "$t"`} || exit
${group === undefined ? script(':') : sh`chgrp -- ${group} "$t"`} || exit`
}
