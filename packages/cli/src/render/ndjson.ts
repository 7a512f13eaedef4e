import type { EngineEvent, Listener } from '@chaos/engine'

/** One JSON text per line, and nothing else on stdout. The first line carries the version of the stream. */
export function makeNdjson(write: (text: string) => void = (text) => void process.stdout.write(text)): Listener {
  return (event: EngineEvent) => {
    const { type, ...rest } = event
    write(`${JSON.stringify({ type, ...rest })}\n`)
  }
}
