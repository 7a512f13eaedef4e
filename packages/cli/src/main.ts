import { CommanderError } from 'commander'
import { tellOfEarlyEnd } from './ended-early.ts'
import { EXIT } from './exit-codes.ts'
import { projectMain } from './hand-over.ts'
import { makeProgram } from './program/index.ts'
import { rewrite } from './spelling.ts'

/**
 * Runs `chaos` with the arguments after its name, and gives the exit code. Nothing but the parser is imported
 * before a command is known; a command's file is imported when it runs.
 */
export async function main(argv: readonly string[], { handedOver = false }: { handedOver?: boolean } = {}): Promise<number> {
  const { argv: words, refusal } = rewrite(argv)
  const json = words.includes('--json')
  const done = tellOfEarlyEnd(json)
  // `chaos explain apply | head`: a reader that leaves is no failure of ours.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => leaveQuietly(error, done))
  try {
    if (!handedOver) {
      const other = await projectMain(words)
      if (other) {
        // It tells its own end.
        done()
        return await other(argv, { handedOver: true })
      }
    }
    if (refusal) return await usage(refusal, json)
    let code: number = EXIT.done
    const program = makeProgram(async (load, ...given) => {
      const command = await load()
      code = await command.run(...given)
    })
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done
      if (error.code === 'commander.help') return EXIT.usage
      return await usage(usageOf(error), json)
    }
    const { showError } = await import('./last-words.ts')
    return showError(error, { json })
  } finally {
    done()
  }
}

async function usage({ message, hint }: { message: string; hint: string }, json: boolean): Promise<number> {
  const [{ ChaosError }, { showError }] = await Promise.all([import('@chaos/core'), import('./last-words.ts')])
  return showError(new ChaosError('USAGE', { message, hint }), { json })
}

/** Commander says `error: unknown option '--limt'\n(Did you mean --limit?)`. */
function usageOf(error: CommanderError): { message: string; hint: string } {
  const [first = '', second] = error.message.replace(/^error: /, '').split('\n')
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}${first.endsWith('.') ? '' : '.'}`
  return { message, hint: second?.replace(/^\((.*)\)$/, '$1') ?? '`chaos --help` lists the commands, `chaos COMMAND --help` their options.' }
}

function leaveQuietly(error: NodeJS.ErrnoException, done: () => void): void {
  if (error.code !== 'EPIPE') throw error
  done()
  process.exit(process.exitCode ?? EXIT.done)
}
