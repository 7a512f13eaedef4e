import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT_IN } from '../../packages/cli/src/explain/topics.ts'
import { ROOT } from '../program.mjs'
import { collect, SITE, vitepress } from '../site.mjs'
import { relinked } from '../site/links.mjs'
import { DEPTHS } from '../site/topics.mjs'

const built = existsSync(path.join(ROOT, 'packages/cli/dist/index.js')) && existsSync(path.join(SITE, 'node_modules/vitepress'))
/** A page that is in no folder of ours, with what Markdown and Vue could take for their own. */
const STRANGE = path.join(SITE, 'pages/strange.md')

describe.skipIf(!built)('the site, built once (needs the build, and vitepress)', () => {
  const html = new Map()
  let pages = []
  let dist = ''

  beforeAll(async () => {
    dist = mkdtempSync(path.join(tmpdir(), 'chaos-site-'))
    pages = await collect()
    writeFileSync(STRANGE, 'An <x> of {{ name }}, {a} and :tada:, and `{{ name }}`.\n\n| a |\n| --- |\n| {{ cell }} |\n')
    const { code, output } = await vitepress('build', ['--outDir', dist])
    if (code !== 0) throw new Error(output)
    for (const file of readdirSync(dist, { recursive: true }).filter((each) => each.endsWith('.html'))) html.set(file, readFileSync(path.join(dist, file), 'utf8'))
  }, 600_000)
  afterAll(() => {
    for (const each of [STRANGE, dist]) rmSync(each, { recursive: true, force: true })
  })

  /** What a page says, without the frame around it. */
  const said = (at) => /<main class="main"[^]*?<\/main>/.exec(html.get(`${at}.html`) ?? '')?.[0] ?? ''

  it('has a page for each page of docs, package and example', () => {
    const docs = readdirSync(path.join(ROOT, 'docs')).filter((file) => file.endsWith('.md')).map((file) => file.replace(/\.md$/, ''))
    const folders = ['packages', 'examples', 'examples/plugins'].flatMap((folder) => readdirSync(path.join(ROOT, folder)).filter((name) => existsSync(path.join(ROOT, folder, name, 'package.json'))).map((name) => [folder.split('/')[0], name].join('/')))
    expect(folders.length).toBeGreaterThan(30)
    expect([...docs, ...folders].filter((at) => said(at) === '')).toEqual([])
  })

  it('has a page for each topic of chaos, at each depth', () => {
    const missing = Object.keys(BUILT_IN).flatMap((topic) => DEPTHS.map((depth) => `explain/${topic}${depth === 'basic' ? '' : `/${depth}`}`)).filter((at) => said(at) === '')
    expect(missing).toEqual([])
    const [basic, , advanced] = ['explain/apply', 'explain/apply/intermediate', 'explain/apply/advanced'].map(said)
    expect(basic).not.toContain('Exit codes:')
    expect(advanced).toContain('Exit codes:')
    expect(said('explain/connectors')).toContain('@docker')
  })

  it('leads to every page by its sidebar', () => {
    const { sidebar } = JSON.parse(readFileSync(path.join(SITE, 'pages/order.json'), 'utf8'))
    const listed = sidebar.flatMap(({ items }) => items.map(({ link }) => link.slice(1)))
    const first = pages.filter(({ depth = 'basic' }) => depth === 'basic').map(({ at }) => at)
    expect(new Set(listed)).toEqual(new Set(first))
    expect(listed).toHaveLength(first.length)
  })

  it('has no link that leads nowhere', () => {
    const anchors = new Map([...html].map(([file, text]) => [file, new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => decoded(id)))]))
    const links = [...html].flatMap(([file, text]) => [...text.matchAll(/<a\b[^>]*?\shref="([^"]+)"/g)].map(([, href]) => [file, decoded(href)])).filter(([, href]) => !/^\w+:/.test(href))
    expect(links.length).toBeGreaterThan(1000)
    const dead = links.filter(([file, href]) => {
      const [to, anchor] = href.split('#')
      const target = to === '' ? file : to === '/' ? 'index.html' : path.posix.normalize(to.startsWith('/') ? to.slice(1) : path.posix.join(path.posix.dirname(file), to))
      if (!html.has(target)) return !existsSync(path.join(dist, target))
      return anchor !== undefined && anchor !== '' && anchor !== 'VPContent' && !anchors.get(target).has(decodeURIComponent(anchor))
    })
    expect(dead).toEqual([])
  })

  it('shows what Markdown and Vue could take for their own as it was written', () => {
    const words = decoded(said('strange').replaceAll(/<[^>]*>/g, ''))
    expect(words).toContain('An <x> of {{ name }}, {a} and :tada:, and {{ name }}.')
    expect(words).toContain('{{ cell }}')
    // Notes to editors, which Markdown without HTML would show.
    expect([...html.values()].filter((text) => text.includes('&lt;!--'))).toEqual([])
  })

  it('says on its first page what it is, how it is installed, and what it does', () => {
    const home = html.get('index.html')
    const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8')
    const text = decoded(home.replaceAll(/<[^>]*>/g, ''))
    for (const part of ['npm install --global @chaos/cli', 'site: chaos.example', 'Plan: 3 changes on this machine.', 'chaos apply --fleet --dry']) {
      expect(readme).toContain(part)
      expect(text).toContain(part)
    }
    expect(home.match(/class="[^"]*\bVPFeature(?= |")/g)?.length).toBe(readme.match(/^- \*\*/gm)?.length)
  })

  it('can be searched', () => {
    const index = readdirSync(path.join(dist, 'assets'), { recursive: true }).find((file) => file.includes('localSearchIndexroot'))
    expect(readFileSync(path.join(dist, 'assets', index), 'utf8')).toContain('systemd.service')
  })
})

describe('links of a page', () => {
  const places = new Map([['docs/a.md', 'a'], ['packages/b/README.md', 'packages/b']])
  const of = (text, repository) => relinked(text, { from: 'docs/c.md', places, ...(repository && { repository }) })

  it.each([
    ['[a](a.md#part)', '[a](/a#part)'],
    ['[`b`](../packages/b)', '[`b`](/packages/b)'],
    ['[b](../packages/b/README.md)', '[b](/packages/b)'],
    ['[here](#part) and [there](https://example.net/a.md)', '[here](#part) and [there](https://example.net/a.md)'],
    ['the [file](../packages/b/src/x.ts)', 'the file'],
    ['`[a](a.md)`', '`[a](a.md)`'],
    ['```md\n[a](a.md)\n```', '```md\n[a](a.md)\n```'],
  ])('%s becomes %s', (text, expected) => {
    expect(of(text)).toBe(expected)
  })

  it('to what is no page lead into the repository, where it is known', () => {
    expect(of('[x](../packages/b/src/x.ts)', 'https://example.net/chaos')).toBe('[x](https://example.net/chaos/blob/HEAD/packages/b/src/x.ts)')
  })
})

function decoded(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&#123;', '{').replaceAll('&amp;', '&')
}
