// The first page of the site: what README.md says, in the shape of a home page.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../program.mjs'
import { placesOfFiles, repository } from './pages.mjs'
import { relinked } from './links.mjs'

export function homePage() {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8').replaceAll(/^<!--[^]*?-->\n*/gm, '')
  const [, tagline] = /^# .+\n\n([^]*?)\n\n/.exec(readme)
  const [, body, promises] = /^# .+\n\n[^]*?\n\n([^]*?)\n((?:- \*\*[^]*?)+)\n## /.exec(readme)
  // The plan of the example: what makes people stay.
  const [, plan] = /```console\n([^]*?^Plan: .*\n)/m.exec(body)
  const text = relinked(`## Ten lines that work\n\n${body}`, { from: 'README.md', places: placesOfFiles(), repository: repository() })
  const matter = {
    layout: 'home',
    titleTemplate: 'machines as a file',
    hero: {
      name: 'chaos',
      text: 'Machines as a file',
      tagline: plain(tagline),
      actions: [
        { theme: 'brand', text: 'Get started', link: '/start' },
        { theme: 'alt', text: 'Write a plugin', link: '/plugins' },
        { theme: 'alt', text: 'What it costs', link: '/benchmarks' },
      ],
    },
    terminal: plan,
    features: [...promises.matchAll(/^- \*\*([^*]+)\*\*([^]*?)(?=\n- |$(?![^]))/gm)].map(([, title, details]) => ({ title: title.replace(/\.$/, ''), details: sentence(details) })),
  }
  return { at: 'index', text, matter }
}

/** What follows a title, which may have been its beginning; what only leads elsewhere is left out. */
function sentence(text) {
  const line = plain(text.replaceAll(/\s*\(\[[^\]]*\]\([^)]*\)\)/g, ''))
  return line.charAt(0).toUpperCase() + line.slice(1)
}

/** One line, without Markdown: features and taglines are shown as they are. */
function plain(text) {
  return text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '').replaceAll(/\s+/g, ' ').replace(/^[,\s]+/, '').trim()
}
