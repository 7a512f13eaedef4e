import { ChaosError } from '@chaos/core'
import type { Identity } from '@chaos/core'
import { openIdentities } from '@chaos/engine'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { openChobolo } from '../open-chobolo.ts'
import type { TrustOptions } from '../program/options.ts'
import { askYesNo, canAsk } from '../prompt.ts'
import { identityLines } from '../render/identity.ts'
import { coloured, makeStyle } from '../render/style.ts'
import { count, hostName } from '../render/words.ts'
import { showError } from '../show-error.ts'
import { listenForSignals } from '../signals.ts'
import type { Signals } from '../signals.ts'
import { loadOf, pluginPrompt } from '../target.ts'

/** `chaos trust HOST…`: shows who each machine says it is, asks, and keeps its keys. */
export async function run(names: readonly string[], options: TrustOptions): Promise<number> {
  refuseUnasked(options)
  const config = await readConfig()
  const { chobolo, plugins } = await openChobolo(choboloFile(options.chobolo, config), config)
  const fleet = await chobolo?.fleet()
  const connectors = new Set(plugins.list('connectors').map((each) => each.name))
  const signals = listenForSignals((text) => process.stderr.write(`${text}\n`))
  let code: number = EXIT.done
  try {
    const machines = await openIdentities({
      names,
      hosts: fleet ? fleet.hosts.map(({ name, data, groups }) => ({ name, data, groups })) : [],
      ...(fleet && { boats: fleet.boats, groups: fleet.groups }),
      load: loadOf(plugins),
      isConnector: (name) => connectors.has(name),
      ...pluginPrompt(),
      signal: signals.signal,
    })
    for (const host of machines.hosts) {
      const ended = await machines.identify(host, (identity) => trust(host, identity, options, signals)).catch((error: unknown) => {
        return showError(error, { json: options.json === true })
      })
      if (signals.signal.aborted) return EXIT.interrupted
      code = Math.max(code, ended)
    }
    return code
  } finally {
    signals.close()
  }
}

async function trust(host: string, identity: Identity, { yes, json }: TrustOptions, signals: Signals): Promise<number> {
  const style = makeStyle(coloured(process.stdout))
  const tell = (lines: readonly string[]): void => void (json || process.stdout.write(`${lines.join('\n')}\n`))
  const fresh = identity.keys.filter(({ state }) => state === 'new').length
  const changed = identity.keys.some(({ state }) => state === 'changed')
  tell(identityLines(host, identity, style))
  if (fresh > 0 && !changed && !yes) {
    const question = fresh === identity.keys.length ? `Is this ${hostName(host)}, and is it to be trusted?` : `Trust ${count(fresh, 'more key')} of ${hostName(host)}?`
    const answer = await askYesNo(question, { initial: false, signal: signals.signal })
    if (answer === undefined && !signals.signal.aborted) signals.interrupt()
    if (answer !== true) {
      tell([style.yellow('Nothing was kept.')])
      return EXIT.failed
    }
  }
  try {
    // Also where nothing is new: one that has changed is refused by who knows why.
    if (fresh > 0 || changed) await identity.trust()
  } catch (error) {
    if (json) keyLines(host, identity, false)
    throw error
  }
  if (json) keyLines(host, identity, true)
  tell([fresh > 0 ? `${style.green('✔')} ${style.bold(hostName(host))} is trusted from now on.` : `${style.green('✔')} ${style.bold(hostName(host))} is trusted already.`])
  return EXIT.done
}

/** One line for each key: how it was, and whether it is trusted now. */
function keyLines(host: string, { name, file, keys }: Identity, kept: boolean): void {
  for (const { type, fingerprint, state } of keys) {
    const trusted = state === 'trusted' || (state === 'new' && kept)
    process.stdout.write(`${JSON.stringify({ type: 'key', version: 1, time: Date.now(), host, name, file, key: type, fingerprint, state, trusted })}\n`)
  }
}

function refuseUnasked({ yes, json }: TrustOptions): void {
  if (yes || (canAsk() && !json)) return
  throw new ChaosError('NO_TERMINAL', {
    message: json ? 'With --json nobody can be asked whether to trust a machine.' : 'There is no terminal to ask on whether to trust a machine.',
    hint: 'Add --yes (-y) to trust whoever answers, or run it at a terminal and compare the fingerprints.',
  })
}
