import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { buildPackages, makeDesk } from '../../command-line.ts'
import type { Desk } from '../../command-line.ts'
import { addVault, addWriter } from '../support.ts'
import type { Vault } from '../support.ts'
import { awkward, newMark } from './mark.ts'

export interface Bench {
  desk: Desk
  vault: Vault
  mark: string
  /** What app.password is: the mark, and what programs escape. */
  password: string
}

/** A role of somebody else in the short form: hands the text of its key to a command, over stdin. */
const NOTER = `import { defineKeys, defineRole } from '@chaos/core'
import { server } from '@chaos/operations'
export default defineRole(function* ({ chobolo }) {
  yield server.shell({ commands: chobolo.notes.command, stdin: chobolo.notes.text })
})
export const keys = defineKeys([{ notes: { command: 'cat >/dev/null', text: '' } }])
`

/** A desk with a secrets file that has the mark, read by the provider age too, and roles of somebody else that want it. */
export async function makeBench(more = ''): Promise<Bench> {
  const desk = makeDesk()
  const mark = newMark()
  const password = awkward(mark)
  const vault = await addVault(desk, `app:\n  password: ${JSON.stringify(password)}\n  lines: "${mark} one\\n${mark} two\\n"\n${more.replaceAll('MARK', mark)}`)
  desk.write('config/config.yml', `secrets_file: ${vault.file}\nsops_file: ${desk.folder}/sops-config.yml\nsecret_providers:\n  age: { file: ${vault.file} }\n`)
  addWriter(desk)
  desk.addPlugin('noter', { roles: { noter: './index' }, keys: { noter: './index#keys' } }, NOTER)
  return { desk, vault, mark, password }
}

/** Makes packages of ours that the command does not bring along plugins of a desk. */
export function lend(desk: Desk, ...names: string[]): void {
  buildPackages(names)
  const scope = path.join(desk.folder, 'node_modules/@chaos')
  mkdirSync(scope, { recursive: true })
  const manifest = JSON.parse(readFileSync(path.join(desk.folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  for (const name of names) {
    symlinkSync(path.join(import.meta.dirname, '../../../..', name), path.join(scope, name))
    manifest.dependencies[`@chaos/${name}`] = '*'
  }
  desk.write('package.json', JSON.stringify(manifest))
}
