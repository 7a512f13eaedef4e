import { ChaosError } from '@chaos/core'
import type { PartAnswer } from '../../session/contract.ts'
import type { Applying } from '../applying.ts'
import { undoOf } from './arming.ts'
import type { Armed } from './arming.ts'
import { collect, takeBackNow } from './commands.ts'
import type { Watch } from './contract.ts'
import { pause } from '../pause.ts'

/** Seconds that taking back may take, and that connecting is tried for at least once it is over: as long as the guard, which says how long that may take here. */
const UNDOING = 90
const LEAST = 10
/** Milliseconds between two tries to connect. */
const FIRST_PAUSE = 1000
const LAST_PAUSE = 5000

/** One thing that was taken back, or could not be. */
export interface TakenBack {
  /** `/etc/ssh/sshd_config`, or a command. */
  readonly what: string
  readonly kind: 'path' | 'command'
  readonly done: boolean
}

export interface Undone {
  /** Undefined = that could not be read. */
  readonly taken: readonly TakenBack[] | undefined
  /** What the commands said. */
  readonly said: string
  /** Why a new connection still does not get in; undefined = it does. */
  readonly still: unknown
}

/** Has the host take it back: told over the old connection where that lives, else when its time is up. Then looks over a new connection what was done. */
export async function takeBack({ watch }: Armed, { broken, late, since }: { broken: boolean; late: boolean; since: number }, applying: Applying): Promise<Undone> {
  const { host, guard, kill } = applying
  const which = { name: watch.name, armed: watch.armed, seconds: UNDOING }
  const told = broken || late ? undefined : await tell(applying, watch)
  const over = since + guard * 1000 + 2000
  if (told === undefined && !late) await pause(Math.max(0, over - Date.now()), kill)
  const until = Math.max(Date.now(), over) + Math.max(guard, LEAST) * 1000
  let still: unknown
  for (let next = FIRST_PAUSE; ; next = Math.min(next * 2, LAST_PAUSE)) {
    try {
      const part = { kind: 'command', trusted: true, command: collect(which) } as const
      const [answer] = await host.freshly({ as: watch.as, signal: kill, parts: [part] }, kill)
      if (answer?.state === 'done') {
        if (answer.code === 0) watch.open = false
        // Not done yet, it is under way: the way in is what counts.
        return { still: undefined, said: Buffer.from(answer.stderr).toString().trim(), taken: answer.code === 0 ? takenFrom(watch, answer) : told }
      }
      still = new ChaosError('CONNECTION_LOST', { message: `the new connection to ${host.name} was of no use`, host: host.name })
    } catch (error) {
      still = error
    }
    if (kill.aborted || Date.now() + next > until) return { still, said: '', taken: told }
    await pause(next, kill)
  }
}

/** Over the old connection. Undefined = it does not get through, or was not done in time. */
async function tell({ host, kill }: Applying, watch: Watch): Promise<readonly TakenBack[] | undefined> {
  const command = takeBackNow({ name: watch.name, armed: watch.armed, seconds: UNDOING })
  const signal = AbortSignal.any([kill, AbortSignal.timeout((UNDOING + 10) * 1000)])
  // What is taken back may end this connection too: then the answer is read over the new one.
  const [[answer] = []] = await host.session().exchange([{ as: watch.as, signal, parts: [{ kind: 'command', trusted: true, command }] }]).catch(() => [])
  return answer?.state === 'done' && answer.code === 0 ? takenFrom(watch, answer) : undefined
}

/** Reads `path NUMBER CODE` and `undo INDEX CODE`. */
function takenFrom(watch: Watch, { stdout }: Extract<PartAnswer, { state: 'done' }>): readonly TakenBack[] {
  const commands = undoOf(watch)
  return Buffer.from(stdout).toString().split('\n').flatMap((line): TakenBack[] => {
    const [, kind, number, code] = /^(path|undo) (\d+) (\d+)$/.exec(line) ?? []
    const done = code === '0'
    if (kind === 'undo') {
      const command = commands[Number(number)]
      return command === undefined ? [] : [{ kind: 'command', what: oneLine(command.text), done }]
    }
    const entry = watch.entries.find((each) => each.number === Number(number))
    // Folders on the way, and what has its mode alone kept, are worth a word only when that failed.
    return entry === undefined || (!entry.whole && done) ? [] : [{ kind: 'path', what: entry.path, done }]
  })
}

const LONGEST = 120

function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, '; ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
