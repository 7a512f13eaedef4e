import path from 'node:path'

/** The folder of this package. Only a file that lies directly in `src`, and so in `dist`, can say it. */
export const OWN_PACKAGE = path.join(import.meta.dirname, '..')
