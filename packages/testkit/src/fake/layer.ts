import { defineConnector, sh, word } from '@chaos/core'

/**
 * A connector to stack on another: `@fake/a/@layer/b`. It uses nothing but the connection underneath, as docker and
 * chroot do, and its host is the folder `layers/b` of the one below.
 */
export const layerConnector = defineConnector({
  about: 'A folder of the host underneath, as a host of its own; for tests of stacks.',
  async open({ argument }, { base }) {
    const folder = `layers/${encodeURIComponent(argument)}`
    return {
      spawn: (command, options) =>
        base.spawn(sh`mkdir -p ${folder} && cd ${folder} && HOME=$PWD CHAOS_LAYER=${argument} exec sh -c ${word(command)}`, options),
      // The connection underneath belongs to the engine, which may share it.
      close: async () => {},
    }
  },
})
