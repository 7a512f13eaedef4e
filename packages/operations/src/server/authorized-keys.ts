import { defineOperation, sh, touch, word } from '@chaos/core'
import type { Change, Command, Diff, Host } from '@chaos/core'
import { z } from 'zod'
import { AS_USER } from '../facts/as-user.ts'
import { authorizedKeys as keysFact } from '../facts/authorized-keys.ts'
import type { AuthorizedKeys } from '../facts/authorized-keys.ts'
import { accountName, publicKey } from './account/members.ts'
import { parseKeyLine, shownKey } from './keys/key-line.ts'
import type { KeyLine } from './keys/key-line.ts'
import { mergeKeys } from './keys/merge-keys.ts'
import type { MergedKeys } from './keys/merge-keys.ts'

const schema = z
  .strictObject({
    user: accountName.describe('Whose keys they are.'),
    keys: z.array(publicKey).default([]).describe('Public keys that let in, each a line as ssh-keygen writes it, options before it if there are any.'),
    absent: z.array(publicKey).default([]).describe('Public keys that must not let in.'),
    exclusive: z.boolean().default(false).describe('No other keys let in.'),
  })
  .superRefine(({ keys, absent, exclusive }, check) => {
    const wanted = keysOf(keys).map(({ type, blob }) => `${type} ${blob}`)
    const both = keysOf(absent).find(({ type, blob }) => wanted.includes(`${type} ${blob}`))
    if (both) check.addIssue({ code: 'custom', path: ['absent'], message: `${shownKey(both)} is to let in and not to let in` })
    if (keys.length + absent.length === 0 && !exclusive) check.addIssue({ code: 'custom', path: ['keys'], message: 'give keys, absent, or exclusive: true' })
  })
type Args = z.output<typeof schema>

/** Who may log in as somebody by key. */
export const authorizedKeys = defineOperation({
  name: 'server.authorizedKeys',
  about: 'Ensures that public keys let in as a user (~/.ssh/authorized_keys), or do not; what else the file holds is kept, unless exclusive.',
  args: schema,
  example: { user: 'ana', keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC/5pyT/VSgcCaOFRNXnPugpN6aIbygYkQ/bKkQwTcKq ana@laptop'] },
  title: ({ user }) => user,
  diff,
  // Where the home usually is, so that the access guard knows the keys of who is connected.
  touches: ({ user }) => [touch.named('authorized-keys', user), touch.path(user === 'root' ? '/root/.ssh' : `/home/${user}/.ssh`)],
})

async function diff({ user, keys, absent, exclusive }: Args, host: Host): Promise<Diff> {
  const have = await host.fact(keysFact(user))
  const wanted = { keys: keysOf(keys), absent: keysOf(absent), exclusive }
  // Where nobody and nothing is, nothing need be taken away.
  if (have.state === 'no-user') return keys.length === 0 ? [] : { later: `the user ${user} is not there yet` }
  if (have.state === 'no-home') return keys.length === 0 ? [] : { later: `the home ${have.home} of ${user} is not there yet` }
  const merged = mergeKeys(have.text, wanted)
  return [...keyChanges(user, have, merged, host), ...modeChanges(user, have, merged)]
}

function keyChanges(user: string, have: AuthorizedKeys, { text, added, changed, removed }: MergedKeys, host: Host): Change[] {
  if (text === have.text) return []
  const phrases = [
    ...(added.length > 0 ? [`add ${added.map(shownKey).join(', ')}`] : []),
    ...(changed.length > 0 ? [`options of ${changed.map(shownKey).join(', ')}`] : []),
    ...(removed.length > 0 ? [`remove ${removed.map(shownLine).join(', ')}`] : []),
  ]
  const cutsOff = user === host.os.user && removed.length + changed.length > 0
  return [
    {
      summary: phrases.join('; ') || 'remove a line that lets in twice',
      before: have.state === 'file' ? have.text : null, after: text,
      ...(removed.length > 0 ? { removes: removed.map((line) => ({ kind: 'key', name: `${shownLine(line)} of ${user}` })) } : {}),
      ...(cutsOff ? { risk: 'access' as const, undo: [sh`printf %s ${have.text} | { ${write(user, have.home)}
}`] } : {}),
      do: [{ run: write(user, have.home), stdin: text }],
    },
  ]
}

/** Others could write there, so sshd would take no key of it. */
function modeChanges(user: string, { mode, folderMode, home }: AuthorizedKeys, { added, changed, removed }: MergedKeys): Change[] {
  const loose = (octal: string): boolean => (parseInt(octal || '0', 8) & 0o022) !== 0
  const fresh = added.length + changed.length + removed.length > 0
  return [
    ...(loose(folderMode) ? [modeChange(user, `${home}/.ssh`, folderMode, '700')] : []),
    ...(loose(mode) && !fresh ? [modeChange(user, `${home}/.ssh/authorized_keys`, mode, '600')] : []),
  ]
}

function modeChange(user: string, path: string, have: string, want: string): Change {
  return { summary: `mode of ${path} 0${have} → 0${want}`, before: `0${have}`, after: `0${want}`, do: [{ run: asUser(user, sh`chmod ${want} "$1"`, path) }] }
}

const WRITE = sh`umask 077; cd -- "$1" || exit
[ -d .ssh ] || mkdir -m 700 .ssh || exit
t=.ssh/.authorized_keys.$$; trap 'rm -f "$t"' EXIT; trap 'exit 143' TERM HUP
rm -f "$t"; set -C; cat >"$t" && chmod 600 "$t" && mv -f "$t" .ssh/authorized_keys`

/** With the rights of whose file it is: a link in there leads nowhere they could not write themselves. */
function write(user: string, home: string): Command {
  return asUser(user, WRITE, home)
}

function asUser(user: string, what: Command, argument: string): Command {
  return sh`${AS_USER}
chaos_as ${user} ${word(what)} ${argument}`
}

function keysOf(lines: readonly string[]): KeyLine[] {
  return lines.flatMap((line) => parseKeyLine(line) ?? [])
}

function shownLine(line: string): string {
  const key = parseKeyLine(line)
  return key ? shownKey(key) : JSON.stringify(line)
}
