// Pages of the site that `chaos explain` shows, asked from the command as it is built.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT, run } from '../program.mjs'
import { explanation } from './explanation.mjs'

export const DEPTHS = ['basic', 'intermediate', 'advanced']
const SAID = { basic: 'In short', intermediate: 'In more depth', advanced: 'All of it' }

/** Its parts are docs/operations.md, made from the same code. */
const ELSEWHERE = ['operations']

/** A page for each topic and depth, with the sub-topics below. */
export async function pagesOfTopics() {
  const folder = projectOfAll()
  try {
    const ask = (...args) => explain(folder, args)
    const [topics] = await ask()
    const lists = await ask(...topics.map((topic) => `${topic}.list`))
    const parts = topics.map((topic, index) => (ELSEWHERE.includes(topic) ? [] : lists[index]))
    const words = topics.flatMap((topic, index) => [topic, ...parts[index].map((part) => `${topic}.${part}`)])
    const pages = []
    for (const depth of DEPTHS) {
      const answers = await ask('--details', depth, '--complexity', depth, ...words)
      const contents = Object.fromEntries(words.map((word, index) => [word, answers[index]]))
      pages.push(...topics.map((topic, index) => topicPage({ topic, depth, contents, parts: parts[index] })))
    }
    return pages
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function topicPage({ topic, depth, contents, parts }) {
  const at = (each) => `explain/${topic}${each === 'basic' ? '' : `/${each}`}`
  const text = [`# ${topic}`, explanation(contents[topic]), ...parts.flatMap((part) => [`## ${topic}.${part}`, explanation(contents[`${topic}.${part}`])])]
  const depths = DEPTHS.map((each) => ({ text: SAID[each], link: `/${at(each)}`, here: each === depth }))
  // What is found by searching is the page that says most, once.
  const matter = { command: `chaos explain ${topic}${depth === 'basic' ? '' : ` --details ${depth} --complexity ${depth}`}`, depths, search: depth === 'advanced', outline: [2, 2] }
  return { at: at(depth), title: topic, topic, depth, text: `${text.join('\n\n')}\n`, matter: depth === 'basic' ? matter : { ...matter, prev: false, next: false } }
}

/** A project that depends on all our plugins, for discovery to find. What is not built is not there yet. */
function projectOfAll() {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-site-'))
  const packages = readdirSync(path.join(ROOT, 'packages')).filter((name) => existsSync(path.join(ROOT, 'packages', name, 'dist')))
  mkdirSync(path.join(folder, 'node_modules/@chaos'), { recursive: true })
  const names = packages.map((name) => {
    const { name: full } = JSON.parse(readFileSync(path.join(ROOT, 'packages', name, 'package.json'), 'utf8'))
    symlinkSync(path.join(ROOT, 'packages', name), path.join(folder, 'node_modules', full))
    return full
  })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: Object.fromEntries(names.map((name) => [name, '*'])) }))
  return folder
}

/** What the command answers, one value for each word. */
async function explain(cwd, words) {
  const env = { CHAOS_PLUGIN_DIR: path.join(cwd, 'none'), CHAOS_CONFIG_DIR: cwd }
  const { code, output } = await run(process.execPath, [path.join(ROOT, 'packages/cli/bin/chaos.js'), 'explain', '--json', ...words], { cwd, env })
  if (code !== 0) throw new Error(`chaos explain ${words.join(' ')} ended with ${code}:\n${output}`)
  return output.split(/(?<=^(?:[\]}]|\[\]|\{\}))\n/m).filter((text) => text !== '').map((text) => JSON.parse(text))
}
