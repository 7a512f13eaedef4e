/** Aliases are plain data in package.json, read without running anything. This module is here for who imports the package. */
export const aliases = { 'PLUGIN_NAME': 'files' } as const
