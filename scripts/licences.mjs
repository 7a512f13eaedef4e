// The licences of the code of others that a bundle holds, as the file THIRD-PARTY-NOTICES beside it. (pnpm adds our own LICENSE
// to a package only where no file has that word in its name.)
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** A plugin of Rolldown. */
export function licences() {
  return {
    name: 'licences',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
      const folders = new Set(modules.filter((id) => id.includes('/node_modules/')).map(packageFolder))
      const texts = [...folders].map(licenceOf).toSorted()
      if (texts.length > 0) this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES', source: texts.join(`\n${'-'.repeat(80)}\n\n`) })
    },
  }
}

/** The folder of the package that a file belongs to. Some have further package.json files, without a name, inside. */
function packageFolder(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) && manifestOf(folder).name) return folder
  }
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
}

function licenceOf(folder) {
  const { name, version, license } = manifestOf(folder)
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  // What may not be passed on without its text is not bundled.
  if (file === undefined) throw new Error(`${name} ${version} has no licence text in ${folder}`)
  return `${name} ${version} (${license})\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`
}
