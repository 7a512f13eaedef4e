import { defineRole } from '@chaos/core'
import { files } from '@chaos/operations'
import * as z from '@chaos/operations/zod'

const item = z.strictObject({
  path: z.string().startsWith('/', 'a path on the host is absolute').describe('Absolute path on the host.'),
  mode: z.string().regex(/^0?[0-7]{3}$/, 'a mode is octal, in quotes: "0755"').optional().describe('Permissions. Not given = not managed.'),
})

/** A role says what should hold; what differs is found, shown and done by the engine. */
export default defineRole({
  about: 'Directories of PLUGIN_NAME.',
  keys: { plugin_key: z.array(item).describe('Directories that should be there.') },
  // Looks at the host: `await host.fact(…)`. Nothing to look at here: each directory is compared by its own operation.
  context: ({ desired }) => desired.plugin_key,
  // Compares, without the host: all empty = nothing to do.
  delta: (items) => ({ change: items }),
  *plan({ change }) {
    for (const { path, mode } of change) yield files.directory({ path, ...(mode === undefined ? {} : { mode }) })
  },
})
