// The look and the rules of the site. Its pages are collected by scripts/site.mjs.
import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'

const order = new URL('../pages/order.json', import.meta.url)
const { sidebar, nav } = existsSync(order) ? JSON.parse(readFileSync(order, 'utf8')) : { sidebar: [], nav: [] }

/** Anchors as in the repository's own view of its pages, so that one link serves both. */
export function slugify(heading) {
  return heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-')
}

export default defineConfig({
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  lang: 'en',
  title: 'chaos',
  description: 'Declare how your machines should be in a YAML file. chaos shows what differs, and makes it so.',
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: '/logo.svg' }],
    ['meta', { name: 'theme-color', content: '#6d4aff' }],
  ],
  ignoreDeadLinks: false,
  metaChunk: true,
  markdown: {
    // Pages are written for everybody: <name> in them is a word, and neither {…} nor :word: means anything.
    html: false,
    attrs: { disable: true },
    anchor: { slugify },
    theme: { light: 'github-light', dark: 'github-dark' },
    languageAlias: { console: 'shellsession' },
    config(markdown) {
      markdown.disable('emoji', true)
      const { rules } = markdown.renderer
      for (const name of ['text', 'code_inline']) {
        const rule = rules[name]
        // Vue would take what stands between double braces for its own.
        rules[name] = (...all) => rule(...all).replaceAll('{{', '&#123;&#123;')
      }
    },
  },
  themeConfig: {
    logo: '/logo.svg',
    nav,
    sidebar,
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { detailedView: true } },
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: true,
    footer: { message: 'Released under the MIT licence.' },
  },
})
