import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fragmentOf, template } from '@chaos/chobolo'
import type { TemplateSource } from '@chaos/chobolo'
import { ChaosError } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import { EXIT } from '../exit-codes.ts'
import { pluginsOf } from '../plugins.ts'
import type { InitOptions } from '../program/options.ts'
import { allRoles, rolesOf } from '../roles.ts'
import { schemaOf } from './schema.ts'

/** `chaos init chobolo [TARGET…]` */
export async function run(targets: readonly string[], { chobolo, template: print }: InitOptions): Promise<number> {
  const file = path.resolve(chobolo ?? 'ch-obolo.yml')
  if (!print && existsSync(file)) {
    throw new ChaosError('CHOBOLO_EXISTS', { message: `${file} is there already, and is never written over.`, hint: 'Print a template instead: chaos init chobolo --template' })
  }
  const plugins = await pluginsOf(file)
  const { text, notes } = await template(await sourcesOf(targets, plugins))
  for (const note of notes) process.stderr.write(`${note}\n`)
  if (print) {
    process.stdout.write(text)
    return EXIT.done
  }
  const schema = path.join(path.dirname(file), '.chaos/schema.json')
  await mkdir(path.dirname(schema), { recursive: true })
  await writeFile(schema, `${JSON.stringify(await schemaOf(plugins), null, 2)}\n`)
  await writeFile(file, text, { flag: 'wx' })
  process.stderr.write(`Written: ${file}\nEditors complete and check it with ${schema}; \`chaos schema\` prints it anew after a plugin was added.\nNext: take the # away from what you want, then: chaos apply --dry\n`)
  return EXIT.done
}

/** Example keys of each role: those it ships, else made from its schemas. Keys may be shipped under a name that is no role's. */
async function sourcesOf(targets: readonly string[], plugins: Plugins): Promise<TemplateSource[]> {
  const named = new Set(plugins.list('roles').map(({ name }) => name))
  const shipped = new Set(plugins.list('keys').map(({ name }) => name))
  const alone = plugins.list('keys').filter(({ name }) => !named.has(name) && (targets.length === 0 || targets.includes(name)))
  // A name may be that of keys, and an alias as well.
  const tags = targets.filter((each) => Object.hasOwn(plugins.aliases, each) || !alone.some(({ name }) => name === each))
  const { roles, broken } = targets.length === 0 ? await allRoles(plugins) : { ...(await rolesOf(tags, plugins)), broken: [] }
  if (broken[0]) throw broken[0]
  const sources: TemplateSource[] = []
  for (const { tag, package: from, schemas } of roles) {
    if (shipped.has(tag)) sources.push({ from, fragments: (await plugins.load('keys', tag)).fragments })
    else if (schemas) sources.push({ from, fragments: [fragmentOf(schemas)], commented: true })
  }
  for (const { name, package: from } of alone) sources.push({ from, fragments: (await plugins.load('keys', name)).fragments })
  return sources
}
