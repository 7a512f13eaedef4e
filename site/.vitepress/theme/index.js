import { h } from 'vue'
import Default from 'vitepress/theme'
import { Depths } from './depths.js'
import { Terminal } from './terminal.js'
// oxlint-disable-next-line import/no-unassigned-import -- what it is for
import './style.css'

export default {
  extends: Default,
  Layout: () => h(Default.Layout, null, { 'home-hero-image': () => h(Terminal), 'doc-before': () => h(Depths) }),
}
