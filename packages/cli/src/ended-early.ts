import { EXIT } from './exit-codes.ts'

/** What is being loaded, by what it is called. */
const loading = new Set<string>()

export async function whileLoading<T>(what: string, load: () => Promise<T>): Promise<T> {
  loading.add(what)
  try {
    return await load()
  } finally {
    loading.delete(what)
  }
}

/**
 * Node.js ends with code 0 when nothing is left to wait for: also while a plugin waits for something that never comes, or where it ended the
 * process itself. Nothing was done then, and nobody may take it for success. Gives what is called once the work is done.
 */
export function tellOfEarlyEnd(json: boolean): () => void {
  const ended = (code: number): void => {
    if (code !== EXIT.done) return
    process.exitCode = EXIT.failed
    const [plugin] = loading
    const message = `chaos ended before its work was done${plugin === undefined ? '' : `, while it loaded ${plugin}`}.`
    const hint = 'A plugin ended the process, or waits for what never comes. `chaos check plugins` shows where each is from.'
    if (json) process.stdout.write(`${JSON.stringify({ type: 'error', version: 1, time: Date.now(), code: 'ENDED_EARLY', message, hint })}\n`)
    else process.stderr.write(`✖ ${message}\n  → ${hint}\n`)
  }
  process.on('exit', ended)
  return () => void process.off('exit', ended)
}
