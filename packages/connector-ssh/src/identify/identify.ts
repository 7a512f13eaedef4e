import { ChaosError } from '@chaos/core'
import type { ConnectorContext, Identity, Target } from '@chaos/core'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { placeName } from '../client/errors.ts'
import { offer } from '../client/link/algorithms.ts'
import { handshakeLimit } from '../client/link/limiter.ts'
import { withRetries } from '../client/link/retry.ts'
import { openTransport } from '../client/transport.ts'
import { wayOf } from '../client/way.ts'
import { appendKnownHosts, fingerprint, keyType, readKnownHosts, refusal } from '../known-hosts/index.ts'
import type { Settings } from '../settings/contract.ts'
import { askHostKey } from './ask.ts'
import { statesOf } from './state.ts'

const FAMILIES = [/ed25519/, /ecdsa/, /rsa/]

/**
 * Asks a machine for its host keys, of each type that the SSH configuration allows, as ssh-keyscan does: one connection for each,
 * ended before any user, key or password is named. Hops on the way are verified as always.
 */
export async function identify(settings: Settings, target: Target, context: ConnectorContext): Promise<Identity> {
  const known = await readKnownHosts(settings, context)
  const offered = offer(settings, [])
  const allowed = offered.algorithms.serverHostKey as readonly ServerHostKeyAlgorithm[]
  const families = FAMILIES.map((family) => allowed.filter((each) => family.test(each))).filter((algorithms) => algorithms.length > 0)
  const limited = await handshakeLimit(wayOf(settings, target), context)
  const ask = async (algorithms: readonly ServerHostKeyAlgorithm[]): Promise<Buffer | undefined> =>
    askHostKey({ settings, target }, await openTransport(settings, target, context), { offer: offered, algorithms, signal: context.signal })
  // All at once, so that they share the hops on the way.
  const answers = await Promise.allSettled(families.map((algorithms) => withRetries(() => limited(() => ask(algorithms)), settings, context.signal)))
  const keys = answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  }).filter((key) => key !== undefined)
  if (keys.length === 0) {
    throw new ChaosError('HOST_KEY_NONE', {
      message: `${placeName(settings)} shows no host key of a type that is taken: ${allowed.join(', ')}.`,
      hint: 'Look at HostKey in its sshd_config, and at HostKeyAlgorithms in your SSH configuration.',
      host: target.host,
      details: { retry: false },
    })
  }
  const states = statesOf(keys, known)
  return {
    name: settings.knownAs,
    file: settings.knownHosts[0] ?? '/dev/null',
    keys: keys.map((key, index) => ({ type: keyType(key) as string, fingerprint: fingerprint(key), state: states[index] as (typeof states)[number] })),
    trust: () => appendKnownHosts(settings, context, (now) => newKeys(settings, keys, now)),
  }
}

/** Those to keep, as the files are when they are kept. A machine of which one key has changed is not trusted at all. */
function newKeys(settings: Settings, keys: readonly Buffer[], known: Awaited<ReturnType<typeof readKnownHosts>>): readonly Buffer[] {
  const states = statesOf(keys, known)
  const changed = keys.find((_, index) => states[index] === 'changed')
  const verdict = changed && known.judge(changed)
  if (changed && verdict && verdict.state !== 'trusted') throw refusal(settings, verdict, changed)
  return keys.filter((_, index) => states[index] === 'new')
}
