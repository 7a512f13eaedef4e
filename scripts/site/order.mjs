// The order in which the site is read: a path into the subject, then what is looked up.

/** Each heading, and its pages: by their place, or all that fit, in the order of their names. */
const GROUPS = [
  ['Start', ['start', 'examples/quickstart', 'explain/chaos', 'explain/init', 'explain/explain']],
  ['Use', ['packages/cli', 'explain/apply', 'explain/check', 'explain/fleet', 'explain/exec', 'explain/trust', /^explain\/(runs|resume|unlock|doctor)$/, 'explain/set', 'explain/schema', 'explain/completion']],
  ['Connectors', ['explain/connectors', 'packages/connector-local', 'packages/connector-ssh', /^packages\/connector-/, 'packages/containers', 'explain/boats', /^packages\/boat-/]],
  ['Secrets', ['explain/secrets', 'explain/providers', /^(packages|explain)\/provider-/, 'packages/sops']],
  ['Roles and operations', ['explain/roles', /^packages\/role-/, /^explain\/(?=ROLE$)/, 'explain/operations', 'packages/operations', 'operations']],
  ['Write plugins', ['plugins', 'packages/create-chaos-plugin', 'writing-a-role', 'writing-a-connector', 'writing-a-provider', 'writing-a-boat', /^writing-/, 'packages/testkit', 'packages/core', 'explain/styx', /^examples\//]],
  ['Reference', ['architecture', /^packages\//, /^explain\//, 'contributing']],
  ['Performance', ['benchmarks']],
]

/** The sidebar and the pages at the top, for vitepress. */
export function orderOf(pages) {
  const left = new Map(pages.filter(({ depth = 'basic' }) => depth === 'basic').map((page) => [page.at, page]))
  const roles = [...left.keys()].flatMap((at) => /^packages\/role-(.+)$/.exec(at)?.[1] ?? [])
  const take = (which) => {
    const pattern = which instanceof RegExp ? new RegExp(which.source.replace('ROLE', `(${roles.join('|')})`)) : undefined
    const found = [...left.keys()].filter((at) => (pattern === undefined ? at === which : pattern.test(at)))
    return found.map((at) => {
      const page = left.get(at)
      left.delete(at)
      return { text: labelOf(page), link: `/${at}` }
    })
  }
  // Reference takes whatever is left, so it is asked last.
  const byTitle = new Map([...GROUPS.filter(([title]) => title !== 'Reference'), ...GROUPS.filter(([title]) => title === 'Reference')].map(([title, which]) => [title, which.flatMap(take)]))
  byTitle.get('Reference').push(...[...left.keys()].flatMap(take))
  const sidebar = GROUPS.map(([text], index) => ({ text, collapsed: index > 1, items: byTitle.get(text) }))
  const first = (text) => ({ text, link: byTitle.get(text)[0].link })
  return { sidebar, nav: [first('Start'), { text: 'Commands', link: '/explain/apply' }, { text: 'Operations', link: '/operations' }, first('Write plugins'), first('Performance')] }
}

function labelOf({ at, title, topic }) {
  if (at === 'start') return 'Overview'
  return topic === undefined ? title.replaceAll('`', '') : `explain ${topic}`
}
