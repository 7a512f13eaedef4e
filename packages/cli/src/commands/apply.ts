import { refuseProblems } from '@chaos/chobolo'
import { ChaosError, quote } from '@chaos/core'
import { interruptedBefore, run as runEngine } from '@chaos/engine'
import type { InterruptedRun, Plan } from '@chaos/engine'
import { requireChoboloFile } from '../chobolo-file.ts'
import { openConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { journalFolder } from '../journal-folder.ts'
import { openChobolo } from '../open-chobolo.ts'
import type { ApplyOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { count } from '../render/words.ts'
import { onHosts } from '../render/plan.ts'
import { allRoles, makeSlice, rolesInFileOrder, rolesOf, unreadKeys } from '../roles.ts'
import { makeScreen } from '../screen.ts'
import type { makeRoleSecrets } from '../secrets/for-roles.ts'
import { reportOf } from '../show-error.ts'
import { listenForSignals } from '../signals.ts'
import { targetOf } from '../target.ts'

/** `chaos apply [TAG…]` */
export async function run(tags: readonly string[], options: ApplyOptions): Promise<number> {
  const dry = options.dry === true
  refuseUsage(options, dry)
  const { config, unknown } = await openConfig()
  const maxRemovals = options.maxRemovals ?? config.max_removals
  const file = requireChoboloFile(options.chobolo, config)
  const { chobolo, plugins, redactor, secrets } = await openChobolo(file, config, options)
  const giving = options.secrets === true || options.provider !== undefined || options.secretsFile !== undefined || options.sopsFile !== undefined
  const explicit = tags.length > 0
  const loaded = explicit
    ? await rolesOf(tags, plugins, config.aliases)
    : await everyRole()
  const granted = giving && config.secret_plugins ? (await import('../secrets/for-roles.ts')).grantSecrets(loaded.roles, config.secret_plugins, plugins) : { roles: loaded.roles, warnings: [] }
  const { roles } = granted
  // Of keys that mean nothing only those that are nearly one that does: it may be the limit that was meant to protect this run.
  const warnings = [...unknown.filter((each) => each.code === 'CONFIG_KEY_UNKNOWN'), ...loaded.warnings, ...granted.warnings]
  const target = await targetOf(chobolo, plugins, options)

  const before = dry ? undefined : await interruptedBefore(journalFolder())
  const screen = await makeScreen({ json: options.json === true, diff: options.diff === true, verbose: options.verbose, retry: (hosts) => retryCommand(tags, options, hosts) })
  const signals = listenForSignals(screen.tell)
  try {
    for (const warning of [...warnings, ...(before ? [interruption(before)] : [])]) screen.warn(warning)
    const roleSecrets = giving ? await secretsOfRoles() : undefined
    const { plan, end } = await runEngine({
      ...target,
      choboloPath: file,
      roles: roles.map(({ tag, role, secrets: given }) => ({ tag, role, explicit, ...(given && { secrets: given }) })),
      slice: makeSlice(chobolo, roles),
      ...(roleSecrets && { secrets: roleSecrets }),
      redactor,
      dry,
      skipConfirm: options.yes === true,
      ...(canAsk() && !options.json && {
        confirm: (shown: Plan) => ask(question(shown), shown.changes.removals === 0),
        confirmMore: ({ host, role, summaries }: { host: string; role: string; summaries: readonly string[] }) =>
          ask(`${role} on ${host} would also ${summaries.join(', ')}. Go on?`, false),
      }),
      ...(maxRemovals === undefined ? {} : { maxRemovals }),
      ...(options.guard === undefined ? {} : { guard: options.guard }),
      ...(dry ? {} : { journal: journalFolder() }),
      signal: signals.signal,
      kill: signals.kill,
      listeners: screen.listeners,
    })
    if (end.outcome === 'interrupted') return EXIT.interrupted
    if (end.outcome !== 'done') return EXIT.failed
    return options.detailedExitcode && plan.changes.operations + plan.changes.later > 0 ? EXIT.changes : EXIT.done
  } finally {
    signals.close()
    await screen.close()
  }

  async function ask(message: string, initial: boolean): Promise<boolean> {
    await screen.pause()
    const answer = await askYesNo(message, { initial, signal: signals.signal })
    if (answer === undefined && !signals.signal.aborted) signals.interrupt()
    return answer === true
  }

  async function secretsOfRoles(): Promise<ReturnType<typeof makeRoleSecrets>> {
    // Whether or not a role asks: who wants secrets is told that no file is named.
    await secrets.place()
    if (options.provider !== undefined) await (await import('../secrets/keys/for-run.ts')).keyForRun(options.provider, config, secrets, roles)
    return (await import('../secrets/for-roles.ts')).makeRoleSecrets({
      secrets,
      roles,
      redactor,
      ask: canAsk() && !options.json ? (message) => ask(message, false) : undefined,
      yes: options.yes === true,
      warn: screen.warn,
    })
  }

  async function everyRole(): ReturnType<typeof rolesOf> {
    const { roles: all, broken } = await allRoles(plugins)
    const problems = unreadKeys(chobolo, all)
    refuseProblems(problems)
    return { roles: rolesInFileOrder(all, chobolo), warnings: [...broken.map(reportOf), ...problems] }
  }
}

/** The run before this one was killed in mid-step: what it was at is looked at like everything else, and worth a look of a person. */
function interruption({ run, time, steps }: InterruptedRun): { code: string; message: string; hint: string } {
  const at = steps.map(({ host, operation, title }) => `${operation} ${title} on ${host}`.trim()).join(', ')
  return {
    code: 'RUN_INTERRUPTED',
    message: `The run before (${run}, ${new Date(time).toLocaleString()}) never came to its end${at === '' ? '' : `; it was at ${at}`}.`,
    hint: 'The host is looked at before anything is changed; an action that was under way (a shell command, a restart) cannot be seen from outside.',
  }
}

function refuseUsage({ yes, json, detailedExitcode, serial, parallelism }: ApplyOptions, dry: boolean): void {
  if (detailedExitcode && !dry) throw new ChaosError('USAGE', { message: '--detailed-exitcode tells whether a dry run found changes.', hint: 'Add --dry.' })
  if (serial && parallelism !== undefined) throw new ChaosError('USAGE', { message: '--serial and --parallelism contradict each other.', hint: 'Leave one out.' })
  if (dry || yes || (canAsk() && !json)) return
  throw new ChaosError('NO_TERMINAL', {
    message: json ? 'With --json nobody can be asked whether to apply.' : 'There is no terminal to ask on whether to apply.',
    hint: 'Add --yes (-y) to apply without a question, or --dry (-d) to only see the plan.',
  })
}

function question(plan: Plan): string {
  const { operations, hosts, removals, later } = plan.changes
  const what = operations > 0 ? count(operations, 'change') : `what is known only after apply (${later})`
  const removing = removals === 0 ? '' : ` ${removals === 1 ? 'One removal is' : `${removals} removals are`} among them.`
  return `Apply ${what} on ${onHosts(plan, hosts)}?${removing}`
}

/** The same command for some hosts only. */
function retryCommand(tags: readonly string[], options: ApplyOptions, hosts: readonly string[]): string {
  const fleet = options.fleet === true || options.limit !== undefined
  const words = [
    'chaos', 'apply', ...tags,
    ...(options.chobolo === undefined ? [] : ['-c', options.chobolo]),
    ...(options.secrets ? ['--secrets'] : []),
    ...(options.provider === undefined ? [] : [`--provider=${options.provider}`]),
    ...(options.secretsFile === undefined ? [] : ['--secrets-file', options.secretsFile]),
    ...(options.sopsFile === undefined ? [] : ['--sops-file', options.sopsFile]),
    ...(options.sudo ? ['--sudo'] : []),
    ...(fleet ? ['--fleet', '--limit', hosts.join(',')] : []),
  ]
  return words.map(quote).join(' ')
}
