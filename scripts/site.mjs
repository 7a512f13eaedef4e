// Builds the site into site/dist, from pages that are written elsewhere: docs, READMEs, and what `chaos explain` shows.
// node scripts/site.mjs [--dev] [ARGUMENTS OF VITEPRESS], for instance --base /chaos/. It needs the build.
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, run } from './program.mjs'
import { homePage } from './site/home.mjs'
import { orderOf } from './site/order.mjs'
import { pagesOfFiles } from './site/pages.mjs'
import { pagesOfTopics } from './site/topics.mjs'

export const SITE = path.join(ROOT, 'site')

/** Writes all pages, and their order, into site/pages. Gives the pages. */
export async function collect() {
  const folder = path.join(SITE, 'pages')
  const pages = [...pagesOfFiles(), ...(await pagesOfTopics())]
  rmSync(folder, { recursive: true, force: true })
  for (const { at, text, matter } of [...pages, homePage()]) {
    const file = path.join(folder, `${at}.md`)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, `---\n${JSON.stringify(matter, null, 2)}\n---\n\n${text}`)
  }
  writeFileSync(path.join(folder, 'order.json'), JSON.stringify(orderOf(pages), null, 2))
  cpSync(path.join(SITE, 'public'), path.join(folder, 'public'), { recursive: true })
  return pages
}

/** Runs vitepress on what was collected; see `run` of program.mjs. */
export function vitepress(command, args = [], options = {}) {
  return run(process.execPath, [path.join(SITE, 'node_modules/vitepress/bin/vitepress.js'), command, SITE, ...args], options)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2).filter((each) => each !== '--dev')
  await collect()
  process.exitCode = (await vitepress(process.argv.includes('--dev') ? 'dev' : 'build', args, { show: true })).code
}
