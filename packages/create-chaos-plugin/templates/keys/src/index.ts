import { defineKeys } from '@chaos/core'

/** Fragments of a Ch-obolo, to begin with. */
export default defineKeys([{ plugin_key: [{ path: '/srv/PLUGIN_NAME', mode: '0755' }] }])
