import { mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Names } from './kinds.ts'
import { manifestOf } from './manifest.ts'

const TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url))

/** npm leaves out of a package what is called .gitignore, and pnpm takes a LICENSE below for that of the package. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore', github: '.github', 'mit.txt': 'LICENSE' }

/** Writes a plugin, whole or not at all. The folder must not be there, or be empty. */
export async function writePlugin(names: Names, folder: string, author: string): Promise<void> {
  const parent = path.dirname(folder)
  await mkdir(parent, { recursive: true })
  const draft = await mkdtemp(path.join(parent, '.chaos-plugin-'))
  try {
    const fill = filler(names, author)
    for (const template of ['common', names.kind]) await copy(path.join(TEMPLATES, template), draft, fill)
    await writeFile(path.join(draft, 'package.json'), `${JSON.stringify(manifestOf(names, author), null, 2)}\n`)
    // Of an empty folder that is there; rename refuses one with something in it.
    await rmdir(folder).catch(() => undefined)
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

type Fill = (text: string) => string

async function copy(from: string, to: string, fill: Fill): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name)
    const target = path.join(to, RENAMED[entry.name] ?? entry.name)
    if (entry.isDirectory()) await copy(source, target, fill)
    else await writeFile(target, fill(await readFile(source, 'utf8')))
  }
}

function filler({ package: name, plugin, kind }: Names, author: string): Fill {
  const words: Record<string, string> = {
    PACKAGE_NAME: name,
    PLUGIN_NAME: plugin,
    // Keys of a Ch-obolo and of host data are written with underscores.
    plugin_key: plugin.replaceAll('-', '_'),
    PLUGIN_KIND: kind,
    AUTHOR: author,
    YEAR: String(new Date().getFullYear()),
  }
  return (text) => text.replaceAll(/\b(PACKAGE_NAME|PLUGIN_NAME|PLUGIN_KIND|AUTHOR|YEAR)\b|plugin_key/g, (word) => words[word] ?? word)
}
