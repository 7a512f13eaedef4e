/** What a plugin is invoked by. */
export const TITLE = /^[a-z0-9][a-z0-9._-]*$/
/** npm's own rule, without the old names in capitals: what becomes a folder must not lead out of it. */
export const PACKAGE_NAME = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/
export const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/
