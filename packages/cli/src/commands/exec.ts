import { defineRole, quote } from '@chaos/core'
import { run as runEngine } from '@chaos/engine'
import type { EngineEvent } from '@chaos/engine'
import { server } from '@chaos/operations'
import { choboloFile } from '../chobolo-file.ts'
import { readConfig } from '../config.ts'
import { EXIT } from '../exit-codes.ts'
import { journalFolder } from '../journal-folder.ts'
import { openChobolo } from '../open-chobolo.ts'
import { pluginsOf } from '../plugins.ts'
import type { TargetOptions } from '../program/options.ts'
import { makeAnnotations } from '../render/annotations.ts'
import { errorLines } from '../render/error.ts'
import { escapedLines } from '../render/escape.ts'
import { makeNdjson } from '../render/ndjson.ts'
import { warningLines } from '../render/person.ts'
import { coloured, makeStyle } from '../render/style.ts'
import { duration, hostName } from '../render/words.ts'
import { listenForSignals } from '../signals.ts'
import { targetOf } from '../target.ts'

/** `chaos exec -- COMMAND…`: one word is shell text, several are a program and its arguments. */
export async function run(words: readonly string[], options: TargetOptions): Promise<number> {
  const config = await readConfig()
  const file = choboloFile(options.chobolo, config)
  const fleet = options.fleet === true || options.limit !== undefined
  const { chobolo, plugins, redactor } = fleet ? await openChobolo(file, config) : { chobolo: undefined, plugins: await pluginsOf(file), redactor: undefined }
  const target = await targetOf(chobolo, plugins, options)
  const commands = words.length === 1 ? (words[0] as string) : words.map(quote).join(' ')
  const role = defineRole(function* () {
    yield server.shell({ commands })
  })
  const signals = listenForSignals((text) => process.stderr.write(`${text}\n`))
  try {
    const { end } = await runEngine({
      ...target,
      choboloPath: file ?? `${process.cwd()}/ch-obolo.yml`,
      roles: [{ tag: 'exec', role, explicit: true }],
      slice: () => ({ desired: {}, chobolo: {} }),
      // Who writes the command has already said yes.
      skipConfirm: true,
      dry: false,
      journal: journalFolder(),
      ...(redactor && { redactor }),
      signal: signals.signal,
      kill: signals.kill,
      listeners: [options.json ? makeNdjson() : outputOnly(fleet, options.verbose), ...(process.env['GITHUB_ACTIONS'] === 'true' ? [makeAnnotations()] : [])],
    })
    return end.outcome === 'interrupted' ? EXIT.interrupted : end.outcome === 'done' ? EXIT.done : EXIT.failed
  } finally {
    signals.close()
  }
}

/** What the command printed, and nothing else; each line with its host when there are several. */
function outputOnly(fleet: boolean, verbose: number): (event: EngineEvent) => void {
  const style = makeStyle(coloured(process.stderr))
  const out = makeStyle(coloured(process.stdout))
  return (event) => {
    if (event.type === 'output') {
      const mark = event.stream === 'stdout' ? out : style
      const lines = escapedLines(event.text).map((line) => (fleet ? `${mark.dim(`${event.host} │`)} ${line}` : line))
      process[event.stream].write(lines.map((line) => `${line}\n`).join(''))
    } else if (event.type === 'warning') {
      process.stderr.write(`${warningLines(event, style).join('\n')}\n`)
    } else if (event.type === 'host.end' && event.error) {
      process.stderr.write(`${errorLines(event.error, { style, where: hostName(event.host), verbose }).join('\n')}\n`)
    } else if (event.type === 'host.end' && verbose > 0) {
      process.stderr.write(`${style.dim(`${hostName(event.host)}: ${event.state} in ${duration(event.milliseconds)}`)}\n`)
    }
  }
}
