import { ChaosError, quote, script } from '@chaos/core'
import type { Change, Content, Host } from '@chaos/core'
import { z } from 'zod'
import { user as account } from '../facts/accounts.ts'
import { content, mode, present } from '../files/members.ts'
import { localSource, sourceOf } from '../files/source.ts'
import type { Source } from '../files/source.ts'
import { rendered } from '../files/template.ts'
import { writeChanges } from '../files/write-change.ts'
import { daemonReload, reloadAll } from './commands.ts'
import { renderSections, sections } from './sections.ts'

/** Schema members of what writes a file of a unit. */
export const fileMembers = {
  content: content.optional().describe('The file itself.'),
  sections: sections.optional(),
  src: z.string().min(1).optional().describe('A file of the controller; a relative path starts at the folder of the Ch-obolo.'),
  template: z.string().min(1).optional().describe('A Jinja2 template of the controller; `host` and `vars` stand in it.'),
  vars: z.record(z.string(), z.unknown()).default({}).describe('Variables of the template.'),
  mode: mode.default('0644').describe("Permissions, octal in quotes. Default '0644'; '0600' keeps a secret in it."),
  present,
  reload: z.boolean().default(true).describe('Makes systemd read it at once. false = the systemd.service of the unit, later in the run, does: it sees that for itself.'),
}
type FileArgs = z.output<z.ZodObject<typeof fileMembers>>

/** Exactly one of them says what the file holds. */
export function oneSource({ content: text, sections: map, src, template, present: there }: Pick<FileArgs, 'content' | 'sections' | 'src' | 'template' | 'present'>): boolean {
  const given = [text, map, src, template].filter((each) => each !== undefined).length
  return there ? given === 1 : given === 0
}

export const ONE_SOURCE = 'give one of content, sections, src and template (none with present: false)'

/** Where the files of units of the administrator are. Of a user it is asked where the home is. */
export async function unitFolder(user: string | undefined, host: Host): Promise<string> {
  if (user === undefined) return '/etc/systemd/system'
  const found = await host.fact(account(user))
  if (found) return `${found.home}/.config/systemd/user`
  throw new ChaosError('NO_USER', { message: `There is no user ${user} on ${host.name}, whose units are to be managed.`, hint: 'Make the user first (server.user, the key users).', host: host.name })
}

/** Writes a file of a unit, checked by systemd before it is live, and makes systemd read it. */
export async function fileChanges(args: FileArgs, { path, file, unit, user }: { path: string; file: string; unit: string; user: string | undefined }, host: Host): Promise<readonly Change[]> {
  const owner = user === undefined ? {} : { owner: user }
  const wanted = { path, mode: args.mode, ...owner, backup: false, force: false, validate: verified(file, unit) }
  const changes = await writeChanges(wanted, source(args, path, host), host)
  return withReload(user === undefined ? changes : changes.map((each) => ownedFolders(each, user)), args.reload, unit, user)
}

/** The folders that were missing in a home belong to whose it is. */
function ownedFolders(change: Change, user: string): Change {
  return change.parents === undefined || change.parents.length === 0 ? change : { ...change, do: [...change.do, { run: script(`chown -- ${quote(user)}: ${change.parents.map(quote).join(' ')}`) }] }
}

export function withReload(changes: readonly Change[], reload: boolean, unit: string, user: string | undefined): readonly Change[] {
  const last = changes.at(-1)
  if (!reload || last === undefined) return changes
  return [...changes.slice(0, -1), { ...last, do: [...last.do, { run: isTemplate(unit) ? reloadAll(user) : daemonReload([unit], user) }] }]
}

export function isTemplate(unit: string): boolean {
  return /@\.[a-z]+$/.test(unit)
}

function source(args: FileArgs, path: string, host: Host): Promise<Source> {
  if (args.src !== undefined) return localSource(args.src, host)
  if (args.template !== undefined) return rendered({ path, src: args.template, text: undefined, vars: args.vars, trim_blocks: false, lstrip_blocks: false, keep_trailing_newline: true }, host)
  const given: Content = args.content ?? renderSections(args.sections ?? {})
  return sourceOf(given, host)
}

/**
 * A command that fails for a file with which systemd would refuse the unit. It judges a copy under its right name, in front of
 * what is installed. Warnings, programs and units that come later, and a systemd that cannot judge, do not fail.
 */
function verified(file: string, unit: string): string {
  const name = unit.replace('@.', '@i.')
  return `command -v systemd-analyze >/dev/null 2>&1 || exit 0
d=$(mktemp -d) || exit 0
trap 'rm -rf -- "$d"' EXIT
mkdir -p "$d"/${quote(file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.')}
cat %s >"$d"/${quote(file)}
LC_ALL=C SYSTEMD_UNIT_PATH="$d:" systemd-analyze verify ${quote(unit)} >"$d/.said" 2>&1
grep -qxF ${quote(`Unit ${name} has a bad unit file setting.`)} "$d/.said" || exit 0
sed "s|$d/||" "$d/.said" | grep -F -e ${quote(file)} -e ${quote(name)} | grep -v ' has a bad unit file setting' >&2
exit 1`
}
