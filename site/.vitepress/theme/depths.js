import { useData, withBase } from 'vitepress'
import { h } from 'vue'

/** Above a page of `chaos explain`: the command that shows it, and its other depths. */
export function Depths() {
  const { command, depths } = useData().frontmatter.value
  if (depths === undefined) return null
  const tabs = depths.map(({ text, link, here }) => h('a', { href: withBase(`${link}.html`), class: { here }, 'aria-current': here ? 'page' : undefined }, text))
  return h('div', { class: 'explained' }, [h('nav', { class: 'depths', 'aria-label': 'Depth' }, tabs), h('code', command)])
}
