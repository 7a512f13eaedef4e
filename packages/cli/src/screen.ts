import type { EngineEvent, Listener } from '@chaos/engine'
import type { Warning } from './aliases.ts'
import { makeAnnotations } from './render/annotations.ts'
import { makeNdjson } from './render/ndjson.ts'
import { makePerson, warningLines } from './render/person.ts'
import { makePrinter } from './render/printer.ts'
import type { Live } from './render/printer.ts'
import { makeLive, makeProgress } from './render/progress.ts'
import { coloured, makeStyle } from './render/style.ts'

/** What shows a run: to a person at a terminal, as plain lines, or to a program. */
export interface Screen {
  listeners: Listener[]
  /** A warning of the command line itself. */
  warn(warning: Warning): void
  /** A line for the person in between. */
  tell(text: string): void
  /** Everything told so far is shown, and the screen is still: before a question. */
  pause(): Promise<void>
  close(): Promise<void>
}

export interface ScreenOptions {
  json: boolean
  diff: boolean
  verbose: number
  retry?: (hosts: readonly string[]) => string
}

export async function makeScreen(options: ScreenOptions): Promise<Screen> {
  const annotations = process.env['GITHUB_ACTIONS'] === 'true' ? [makeAnnotations()] : []
  return options.json ? jsonScreen(annotations) : personScreen(options, annotations)
}

function jsonScreen(more: Listener[]): Screen {
  const ndjson = makeNdjson()
  const early: Warning[] = []
  let begun = false
  const warning = (event: EngineEvent, { code, message, hint, position }: Warning): void =>
    ndjson({ run: event.run, time: event.time, type: 'warning', code, message, ...(hint === undefined ? {} : { hint }), ...(position && { position }) })
  // The first line is the one with the version.
  const waiting: EngineEvent[] = []
  const listener: Listener = (event) => {
    if (begun) return ndjson(event)
    if (event.type !== 'run.begin') return void waiting.push(event)
    begun = true
    ndjson(event)
    for (const each of early.splice(0)) warning(event, each)
    for (const each of waiting.splice(0)) ndjson(each)
  }
  return {
    listeners: [listener, ...more],
    warn: (each) => void early.push(each),
    tell: () => undefined,
    pause: async () => undefined,
    close: async () => undefined,
  }
}

async function personScreen({ diff, verbose, retry }: ScreenOptions, more: Listener[]): Promise<Screen> {
  const out = makeStyle(coloured(process.stdout))
  const err = makeStyle(coloured(process.stderr))
  const progress = makeProgress({ style: err })
  const live: Live | undefined = process.stderr.isTTY && process.env['TERM'] !== 'dumb' && !process.env['CI'] ? await makeLive(progress, process.stderr) : undefined
  const printer = makePrinter(live ? { live } : {})
  const person = makePerson(printer, { out, err, diff, verbose, ...(retry && { retry }) })
  live?.start()
  return {
    listeners: [
      (event) => {
        progress.handle(event)
        if (event.type === 'confirm') live?.start()
        person.listener(event)
      },
      ...more,
    ],
    warn: (each) => printer.err(warningLines(each, err)),
    tell: (text) => printer.err([err.yellow(text)]),
    async pause() {
      await person.settled()
      live?.stop()
    },
    async close() {
      live?.stop()
      await person.settled()
    },
  }
}
