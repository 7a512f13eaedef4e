import type { Part, PartAnswer } from './contract.ts'
import { collect } from './collect.ts'
import { isGate } from './frame.ts'
import { processOf } from './left.ts'
import type { ProcessId } from './left.ts'

const KEEP = 16 * 1024 * 1024
/** Answers of an isolated part come within a second of the kill; after this the shell is given up. */
const KILL_ANSWER = 8_000
/** How long a shell that has not said a word is waited for when its request is to be ended. */
const FIRST_WORD = 2_000
/** How often a request that is silent is asked whether what runs it still lives: killed by a stranger, it would never answer. */
const WATCH = 3_000

type Stream = 'stdout' | 'stderr'

/** Takes bytes as they come; true = enough for now, `resume` asks for more. */
export type Sink = (bytes: Buffer, resume: () => void) => boolean

/** What a job asks of the shell that runs it. */
export interface JobShell {
  /** Writes a line to the shell's stdin. */
  line(text: string): void
  /** Ends the shell's process: nothing more can be said to it. */
  drop(): void
  /** Ends the shell with all it started, where that finds more than the shell itself would; false elsewhere. */
  endUnseen(): boolean
  /** Stops and goes on reading stdout. */
  pause(): void
  resume(): void
}

export interface JobOptions {
  readonly nonce: string
  readonly parts: readonly Part[]
  readonly stopAtFailure: boolean
  readonly shell: JobShell
  /** A part waits for its content; answer with `pass` or `refuse`. */
  readonly gate: (index: number) => void
  /** Takes the bytes of stdout instead of the answer. */
  readonly sink?: Sink | undefined
}

/** A request under way: reads marks and bytes, keeps time, and knows how each part ended. */
export interface Job {
  data(stream: Stream, bytes: Buffer): void
  mark(stream: Stream, text: string): void
  /** Lets what runs come to its end; parts that have not begun do not begin, except those that follow one that has. */
  stop(): void
  /** Ends what runs; parts that have not begun do not begin. */
  end(why: 'timeout' | 'aborted'): void
  /**
   * Opens the gate: `go`, the content follows in the stream, and until it has arrived nothing else can be said there;
   * `put`, it is in its place. False = too late, the request has been ended.
   */
  pass(word: 'go' | 'put'): boolean
  /** The part that waits cannot be given its content. */
  refuse(reason: string): void
  /** The shell is gone. */
  lost(reason: string): void
  /** What runs it, and the part that runs, as far as they were told. */
  processes(): { reporter: ProcessId | undefined; part: ProcessId | undefined }
  readonly done: Promise<readonly PartAnswer[]>
}

interface State {
  began: boolean
  ended: Record<Stream, boolean>
  code: number
  group: string
  process: ProcessId | undefined
  why: 'timeout' | 'aborted' | undefined
  refused: string | undefined
  stdout: ReturnType<typeof collect>
  stderr: ReturnType<typeof collect>
}

export function createJob({ nonce, parts, stopAtFailure, shell, gate, sink }: JobOptions): Job {
  const states = parts.map(stateOf)
  const current: Record<Stream, number | undefined> = { stdout: undefined, stderr: undefined }
  const met = new Set<string>()
  let heard = false
  let why: 'timeout' | 'aborted' | undefined
  let stopping: 'asked' | 'told' | undefined
  let reporter: ProcessId | undefined
  let waiting: number | undefined
  let transfer: number | undefined
  let timer: NodeJS.Timeout | undefined
  let guard: NodeJS.Timeout | undefined
  let quiet = true
  let finished = false
  // An answer tells that nothing runs any more, so it waits for the kills that are under way.
  let kills = 0
  let over = false
  let resolve: (answers: readonly PartAnswer[]) => void
  const done = new Promise<readonly PartAnswer[]>((settle) => {
    resolve = settle
  })

  const finish = (reason?: string) => {
    if (finished) return
    finished = true
    clearTimeout(timer)
    clearTimeout(guard)
    clearInterval(watch)
    resolve(answers(reason))
  }

  // A process that has ended and was not waited for is still there as a zombie. Without /proc nobody can say.
  const watch = setInterval(() => {
    if (quiet && heard && transfer === undefined && waiting === undefined && !over) {
      shell.line(`[ ! -e /proc/self/stat ] || { IFS= read -r chaos_i </proc/$chaos_p/stat && case $chaos_i in *') Z '*) false;; esac; } 2>/dev/null || echo ${nonce}D`)
    }
    quiet = true
  }, WATCH)

  const kill = (index: number | undefined) => {
    const state = index === undefined ? undefined : states[index]
    if (state) state.why ??= why
    if (transfer !== undefined) return shell.drop()
    if (waiting !== undefined) return stop()
    // Where the shell is ended itself, its end is the answer: what it may still say comes from one that takes no more requests.
    kills += 1
    if (!shell.endUnseen()) shell.line(`chaos_kill '${state?.group ?? ''}' ${nonce}`)
    clearTimeout(guard)
    guard = setTimeout(shell.drop, KILL_ANSWER)
  }

  const stop = () => {
    waiting = undefined
    shell.line('stop')
    finish()
  }

  const end = (reason: 'timeout' | 'aborted') => {
    if (finished || why !== undefined) return
    why = reason
    // Before its first mark the shell has perhaps not read all of the frame, and would take this for a part of it.
    if (heard) kill(current.stdout)
    else guard = setTimeout(shell.drop, FIRST_WORD)
  }

  /** The shell keeps it for the reporters to come, and tells the one that runs. While a content flows nothing can be said. */
  const tellStop = () => {
    if (stopping !== 'asked' || !heard || transfer !== undefined || finished) return
    stopping = 'told'
    shell.line('chaos_h=1; kill -s HUP $chaos_p 2>/dev/null')
  }

  const begin = (index: number, state: State) => {
    state.began = true
    if (why !== undefined) {
      // A kill ends the whole request. The next part began, so the one before had ended of itself before it was hit.
      const before = states[index - 1]
      if (before?.ended.stdout) before.why = undefined
      return kill(index)
    }
    const { timeout } = parts[index] as Part
    if (timeout !== undefined) timer = setTimeout(() => end('timeout'), timeout * 1000)
  }

  const atGate = (index: number, state: State) => {
    if (why !== undefined || (stopAtFailure && failed()) || (stopping !== undefined && !parts[index]?.follows)) return stop()
    if (!state.began || state.ended.stdout) return shell.line('no')
    waiting = index
    gate(index)
  }

  const failed = () => states.some((state, index) => state.refused !== undefined || (state.ended.stdout && !succeeds(parts[index], state.code)))

  /** True when a mark has come on both streams. */
  const both = (stream: Stream, text: string) => {
    met.add(`${stream} ${text}`)
    return met.has(`stdout ${text}`) && met.has(`stderr ${text}`)
  }

  return {
    done,
    data: (stream, bytes) => {
      quiet = false
      const index = current[stream]
      if (index === undefined) return
      if (sink && stream === 'stdout') {
        if (sink(bytes, shell.resume)) shell.pause()
      } else states[index]?.[stream].add(bytes)
    },
    mark: (stream, text) => {
      heard = true
      quiet = false
      tellStop()
      const kind = text[0]
      const number = Number.parseInt(text.slice(1), 10)
      const state = states[number]
      if (kind === 'X' && both(stream, 'X')) over = true
      if (kind === 'D' && !met.has('stdout X')) return finish('What ran it was killed.')
      if (kind === 'K') kills -= 1
      if (kind === 'R') reporter = processOf(text.slice(2))
      if (over && kills === 0) return finish()
      if (kind === 'P' && current.stdout !== undefined) {
        const running = states[current.stdout] as State
        running.group = String(number)
        running.process = processOf(text.slice(text.indexOf(' ', 2) + 1))
        if (why !== undefined) kill(current.stdout)
      } else if (!state) {
        return
      } else if (kind === 'B') {
        current[stream] = number
        if (stream === 'stdout') begin(number, state)
      } else if (kind === 'E') {
        current[stream] = undefined
        state.ended[stream] = true
        if (stream === 'stderr') return
        state.code = Number(text.split(' ')[1])
        clearTimeout(timer)
      } else if (kind === 'G' && both(stream, text)) {
        atGate(number, state)
      } else if (kind === 'T') {
        transfer = undefined
        tellStop()
        if (why !== undefined) kill(number)
      }
    },
    end,
    stop: () => {
      stopping ??= 'asked'
      tellStop()
      if (waiting !== undefined && !parts[waiting]?.follows) stop()
    },
    pass: (word) => {
      if (finished || waiting === undefined) return false
      transfer = word === 'go' ? waiting : undefined
      waiting = undefined
      shell.line(word)
      return true
    },
    refuse: (reason) => {
      if (finished || waiting === undefined) return
      const state = states[waiting] as State
      state.refused = reason
      clearTimeout(timer)
      if (stopAtFailure) return stop()
      waiting = undefined
      current.stdout = undefined
      current.stderr = undefined
      shell.line('no')
    },
    lost: (reason) => finish(reason),
    processes: () => ({ reporter, part: current.stdout === undefined ? undefined : states[current.stdout]?.process }),
  }

  /** `reason`: the shell was lost, and what has not answered may have run, except behind a gate that was not opened. */
  function answers(reason: string | undefined): PartAnswer[] {
    const closed = waiting ?? transfer ?? parts.findIndex((part, index) => isGate(part) && !met.has(`stdout G${index}`))
    // What was never heard of was never told to end either.
    const stopped = heard && (why !== undefined || stopping !== undefined || (stopAtFailure && failed()))
    return states.map((state, index): PartAnswer => {
      const stdout = state.stdout.bytes()
      const stderr = state.stderr.bytes()
      if (state.refused !== undefined) return { state: 'done', code: 1, stdout, stderr: Buffer.from(`chaos: ${state.refused}\n`), dropped: 0 }
      if (state.why !== undefined) return { state: 'ended', why: state.why, stdout, stderr }
      if (state.ended.stdout) return { state: 'done', code: state.code, stdout, stderr, dropped: state.stdout.dropped() + state.stderr.dropped() }
      const unreached = stopped || (closed >= 0 && index > closed)
      return reason === undefined || (unreached && !state.began) ? { state: 'skipped' } : { state: 'unknown', reason }
    })
  }
}

function stateOf(part: Part): State {
  const keep = (part.kind === 'command' ? part.keep : undefined) ?? KEEP
  return {
    began: false,
    ended: { stdout: false, stderr: false },
    code: 0,
    group: '',
    process: undefined,
    why: undefined,
    refused: undefined,
    stdout: collect(keep),
    stderr: collect(keep),
  }
}

function succeeds(part: Part | undefined, code: number): boolean {
  return ((part?.kind === 'command' ? part.exit : undefined) ?? [0]).includes(code)
}
