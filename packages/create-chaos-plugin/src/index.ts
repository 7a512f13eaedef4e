import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { HELP, readArguments } from './arguments.ts'
import { ask } from './ask.ts'
import { authorOf } from './author.ts'
import { namesOf } from './kinds.ts'
import { writePlugin } from './write.ts'

/** `npm create chaos-plugin [NAME] -- [--kind KIND]`: writes a plugin, and says how it goes on. Exit codes: 0 done, 1 it could not be written, 2 wrong usage, 130 the person went away. */
export async function main(argv: readonly string[]): Promise<number> {
  const wanted = readArguments(argv)
  if (typeof wanted === 'string') return refuse(wanted)
  if (wanted.help) {
    process.stdout.write(HELP)
    return 0
  }
  const person = process.stdin.isTTY && process.stdout.isTTY
  if (!person && wanted.name === undefined) return refuse('There is no name, and no terminal to ask for it.')
  const answered = person ? await ask(wanted.name, wanted.kind) : { name: wanted.name as string, kind: wanted.kind }
  if (answered === undefined) return 130
  const names = namesOf(answered.name, answered.kind)
  if (typeof names === 'string') return refuse(names)
  const folder = path.resolve(wanted.directory ?? (names.package.split('/').at(-1) as string))
  if (existsSync(folder) && readdirSync(folder).length > 0) return refuse(`${folder} is there already, and not empty. Give another with --directory.`)
  try {
    await writePlugin(names, folder, wanted.author ?? (await authorOf()))
  } catch (error) {
    process.stderr.write(`✖ ${folder} could not be written: ${(error as Error).message}\n`)
    return 1
  }
  const shown = path.relative(process.cwd(), folder) || '.'
  process.stdout.write(`✔ ${names.package} is in ${shown}\n\n  cd ${/^[\w./@-]+$/.test(shown) ? shown : JSON.stringify(shown)}\n  npm install\n  npm test\n\nREADME.md says how it goes on, up to publishing it.\n`)
  return 0
}

function refuse(sentence: string): number {
  process.stderr.write(`✖ ${sentence}\n  npm create chaos-plugin -- --help shows what can be given.\n`)
  return 2
}
