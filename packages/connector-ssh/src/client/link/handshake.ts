import { isChaosError } from '@chaos/core'
import type { ChaosError, PluginContext } from '@chaos/core'
import type { Client } from 'ssh2'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { readKnownHosts } from '../../known-hosts/index.ts'
import { authentication } from '../auth/authenticate.ts'
import { connectionClosed, connectionLost, timedOut } from '../errors.ts'
import type { Place } from '../errors.ts'
import { offer } from './algorithms.ts'
import { configOf } from './config.ts'
import type { Link } from './contract.ts'
import { judgeHostKey } from './host-key.ts'
import { hearAnswers } from './last-answer.ts'
import { createLoss } from './loss.ts'
import { brokeOff, noCommonAlgorithm, notSsh, nothingToOffer } from './refused.ts'
import { createTimer } from './timer.ts'

/** Seconds a server may take to answer each step of a login: PAM and directories of users take their time. */
const LOGIN = 60
/** Milliseconds to wait for a connection to close that was told to. */
const GOODBYE = 2000
/** Bytes before the server's identification that are kept, to say what answers there. */
const HEARD = 512
/** More than this before it is no greeting: OpenSSH takes 1024 lines. */
const GREETING = 256 * 1024
const IDENTIFICATION = /^SSH-[\d.]+-(.*?)\r?\n/m

type Stage = 'greeting' | 'keys' | 'login' | 'ready'

/** Speaks SSH on a transport until the user is let in. Takes the transport: it is destroyed when this fails. */
export async function shakeHands(place: Place, transport: Duplex, context: PluginContext): Promise<Link> {
  const { settings } = place
  let ended: Error | undefined
  transport.on('error', (error: Error) => (ended = error))
  try {
    const known = await readKnownHosts(settings, context)
    const { Client, createAgent } = (await import('ssh2')).default
    const offered = offer(settings, known.types)
    if (offered.empty !== undefined) throw nothingToOffer(place, offered.empty)
    const hostKey = judgeHostKey(settings, known, context)
    const forwarded = settings.forwardAgent === undefined ? undefined : createAgent(settings.forwardAgent)
    // It may have come and gone before anybody listened.
    if (transport.destroyed) throw isChaosError(ended) ? ended : notSsh(place, Buffer.alloc(0), ended)
    return await negotiate({ place, transport, context, client: new Client(), hostKey, offered, forwarded })
  } catch (error) {
    transport.destroy()
    throw error
  }
}

interface Negotiation {
  readonly place: Place
  readonly transport: Duplex
  readonly context: PluginContext
  readonly client: Client
  readonly hostKey: ReturnType<typeof judgeHostKey>
  readonly offered: ReturnType<typeof offer>
  readonly forwarded: Parameters<typeof configOf>[0]['forwarded']
}

function negotiate({ place, transport, context, client, hostKey, offered, forwarded }: Negotiation): Promise<Link> {
  const { settings } = place
  let stage: Stage = 'greeting'
  let heard = Buffer.alloc(0)
  let received = 0
  let last = ''
  let software = ''
  let broken: Error | undefined
  let closing = false
  const { gone, lose, onLost } = createLoss()

  return new Promise<Link>((resolve, reject) => {
    const timer = createTimer(settings.connectTimeout * 1000, () => {
      if (stage === 'greeting' && received > 0) return fail(notSsh(place, heard, undefined))
      const what = { greeting: 'what answers there says nothing', keys: 'the handshake did not come to its end', login: 'the login did not come to its end', ready: '' }[stage]
      fail(timedOut(place, what, undefined, stage === 'login' ? LOGIN : settings.connectTimeout))
    })
    const login = authentication(place, (work) => timer.suspended(work), context)

    const fail = (error: ChaosError): void => {
      if (stage === 'ready') return
      timer.stop()
      context.signal.removeEventListener('abort', aborted)
      lose(error)
      reject(error)
      // Not ended gently: what floods us is not read any further.
      transport.destroy()
    }
    const aborted = (): void => fail(connectionClosed(place))
    context.signal.addEventListener('abort', aborted, { once: true })

    const why = (): ChaosError => {
      const refused = hostKey.refused()
      if (refused) return refused
      if (isChaosError(broken)) return broken
      if (stage === 'greeting' && !(broken !== undefined && 'level' in broken && broken.level === 'handshake')) return notSsh(place, heard, broken)
      if (stage === 'greeting' || stage === 'keys') return noCommonAlgorithm(place, offered, broken)
      if (broken !== undefined && 'level' in broken && broken.level === 'client-authentication') return login.failure()
      if (broken !== undefined && /too many authentication/i.test(broken.message)) return login.failure(broken.message)
      return brokeOff(place, broken)
    }

    // What comes before the server's identification tells what answers there; what follows it is binary.
    const hear = (chunk: Buffer): void => {
      heard = Buffer.concat([heard, chunk.subarray(0, HEARD - heard.length)])
      received += chunk.length
      last = `${last}${chunk.toString('latin1')}`
      const found = IDENTIFICATION.exec(last)
      last = last.slice(-HEARD)
      if (found === null) return received > GREETING ? fail(notSsh(place, heard, undefined)) : undefined
      software = found[1] as string
      if (stage === 'greeting') stage = 'keys'
      transport.off('data', hear)
    }

    client.on('error', (error: Error & { level?: string }) => {
      // One key could not sign: the next is tried.
      if (error.level === 'agent') return
      broken ??= error
      if (stage !== 'ready') fail(why())
      else transport.destroy()
    })
    client.on('close', () => {
      if (stage === 'ready') lose(closing ? connectionClosed(place) : connectionLost(place, broken?.message ?? 'the other end closed it', broken))
      else fail(why())
    })
    // Only an end of it all: ssh2 leaves a connection half open that the server has ended.
    client.on('end', () => transport.destroy())
    client.once('handshake', () => {
      stage = 'login'
      timer.restart(LOGIN * 1000)
    })
    client.on('change password', () => fail(login.failure('the password has expired and must be changed first')))
    client.once('ready', () => {
      stage = 'ready'
      timer.stop()
      context.signal.removeEventListener('abort', aborted)
      resolve({
        client,
        software,
        get gone() {
          return gone()
        },
        onLost,
        end,
      })
    })

    let kept: Promise<void> | undefined
    client.connect(
      configOf({
        settings,
        transport,
        hostKey,
        offer: offered,
        forwarded,
        next: (methods, partial, answer) => {
          timer.restart(LOGIN * 1000)
          // The name of the user is not sent before the key of the host is kept.
          kept ??= hostKey.keep()
          kept
            .then(() => login.next(answered()?.methods ?? methods, answered()?.partial ?? partial))
            .then((method) => {
              if (stage === 'login') answer(method)
            })
            .catch((error: unknown) => {
              broken = error instanceof Error ? error : new Error(String(error))
              fail(isChaosError(error) ? error : brokeOff(place, broken))
            })
        },
      }),
    )
    const answered = hearAnswers(client)
    // After ssh2 has paused it, so that nothing flows before ssh2 listens too.
    transport.on('data', hear)
    if (context.signal.aborted) aborted()

    async function end(): Promise<void> {
      closing = true
      client.end()
      // What the host says to our goodbye is a round trip that nobody needs.
      if (transport instanceof Socket) transport.destroySoon()
      const late = setTimeout(() => transport.destroy(), GOODBYE)
      await new Promise<void>((resolve) => onLost(() => resolve()))
      clearTimeout(late)
    }
  })
}
