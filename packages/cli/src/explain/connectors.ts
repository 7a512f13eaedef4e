import type { Page } from '@chaos/core'
import type { Plugins } from '@chaos/discovery'
import { schemaRows } from './schema-rows.ts'

/** Pages of the installed connectors, made from what they say of themselves and the schemas of their host keys. One that cannot be loaded has none. */
export async function connectorPages(plugins: Plugins): Promise<Record<string, Page>> {
  const pages = await Promise.all(plugins.list('connectors').map(async ({ name, package: from }) => [name, await connectorPage(name, from, plugins)] as const))
  return Object.fromEntries(pages.filter((each): each is [string, Page] => each[1] !== undefined))
}

async function connectorPage(name: string, from: string, plugins: Plugins): Promise<Page | undefined> {
  const connector = await plugins.load('connectors', name).catch(() => undefined)
  if (connector === undefined) return undefined
  const rows = connector.data === undefined ? [] : schemaRows(connector.data)
  return {
    concept: `@${name}`,
    what: connector.about ?? `Hosts whose name starts with @${name}.`,
    ...(rows.length > 0 && { host_keys: rows }),
    how: connector.open === undefined ? 'It opens nothing itself: it names hosts that others open.' : 'It opens a shell; elevation, files, facts and batching are the engine\'s, the same for every connector.',
    from,
  }
}
