// Pages of the site that lie in the repository as files.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../program.mjs'
import { relinked } from './links.mjs'

/** Folders whose README is a page, and where it stands on the site. */
const READMES = { packages: 'packages', examples: 'examples', 'examples/plugins': 'examples' }

/** Each file of the repository that is a page, with its place on the site. */
export function placesOfFiles() {
  const docs = readdirSync(path.join(ROOT, 'docs')).filter((file) => file.endsWith('.md'))
  return new Map([
    ['README.md', 'start'],
    ['CONTRIBUTING.md', 'contributing'],
    ...docs.map((file) => [`docs/${file}`, file.slice(0, -'.md'.length)]),
    ...Object.entries(READMES).flatMap(([folder, at]) => readmesBelow(folder).map((name) => [`${folder}/${name}/README.md`, `${at}/${name}`])),
  ])
}

/** `{ at, title, text, matter, from }`: its place, its heading, its Markdown, what stands before it, and its file. */
export function pagesOfFiles() {
  const places = placesOfFiles()
  return [...places].map(([from, at]) => {
    const text = relinked(withoutComments(readFileSync(path.join(ROOT, from), 'utf8')), { from, places, repository: repository() })
    return { at, from, title: /^# (.+)$/m.exec(text)?.[1] ?? at, text, matter: { outline: [2, 3] } }
  })
}

/** Where the repository can be read, if its package.json says so. */
export function repository() {
  const { repository: said } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  const url = typeof said === 'string' ? said : said?.url
  return url?.replace(/^git\+/, '').replace(/\.git$/, '')
}

function readmesBelow(folder) {
  return readdirSync(path.join(ROOT, folder)).filter((name) => existsSync(path.join(ROOT, folder, name, 'README.md')))
}

/** HTML is not read on the site, so notes to editors would be shown. */
function withoutComments(text) {
  return text.replaceAll(/^<!--[^]*?-->\n*/gm, '')
}
